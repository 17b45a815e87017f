"""Scripts that put no space between words."""

# For use within square brackets of a pattern of `regex`. Korean has spaces, but glues particles to its words.
SPACELESS = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
