"""Texts in many scripts, and strategies that mix them, for the tests of text analysis and queries."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

# On a busy machine an example may take long without anything being wrong.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

# A sentence or two per script; the languages are those whose stemmer, if any, the article would use.
SENTENCES = {
    "en": "The alliance's second assembly met in Xi'an; 29 countries signed the re-worded charter.",
    "fr": "L’assemblée générale s’est tenue à l’été 2025 : œuvres, châteaux et musées d’Asie.",
    "de": "Größere Denkmäler, Straßen und Häuser des Welterbes wurden geöffnet.",
    "vi": "Hội nghị bảo tồn di sản văn hóa châu Á tại thành phố Huế.",
    "tr": "İstanbul'daki müzeler ve Işık Kulesi'nin mirası korunuyor.",
    "ru": "Музеи и наследие: ёлка, Юный археолог, чай — второй съезд в Йошкар-Оле.",
    "uk": "Об'єднання музеїв і спадщина Києва, її ґанок.",
    "el": "Η πολιτιστική κληρονομιά της Ακρόπολης και τα μουσεία.",
    "hy": "Հայաստանի մշակութային ժառանգությունը և թանգարանները։",
    "ka": "საქართველოს კულტურული მემკვიდრეობა და მუზეუმები.",
    "he": 'אונסק"ו הכריז על אתר מורשת בירושלים; שָׁלוֹם לכולם.',
    "ar": "إحياء التُّراث الثقافيّ في مدينة القاهرة عام ٢٠٢٥، والمتاحف الكُبرى.",
    "fa": "میراث فرهنگی ایران و موزه‌های تهران، سال ۱۴۰۴.",
    "ur": "ثقافتی ورثہ کی حفاظت اور لاہور کے عجائب گھر۔",
    "hi": "विरासत संग्रहालय और मंदिरों की सुरक्षा, वर्ष २०२५।",
    "ta": "பாரம்பரிய கோயில்கள் மற்றும் அருங்காட்சியகங்கள்.",
    "zh": "亚洲文化遗产保护联盟（ACHA）2025年11月在重庆举行第二届大会。",
    "ja": "文化遺産の保存と修復に関するﾐｭｰｼﾞｱﾑ会議が京都で開かれた。",
    "ko": "문화유산의 보존과 박물관 협력을 위한 총회가 경주에서 열렸다.",
    "th": "พิพิธภัณฑ์และมรดกทางวัฒนธรรมของกรุงเทพฯ ได้ลงนามบันทึกความเข้าใจ นํ้าท่วม น้ำ",
    "lo": "ມໍລະດົກວັດທະນະທຳ ແລະ ພິພິທະພັນ ຫຼວງພະບາງ",
    "km": "បេតិកភណ្ឌវប្បធម៌ និងប្រាសាទអង្គរវត្ត",
    "my": "ယဉ်ကျေးမှုအမွေအနှစ်များနှင့် ပုဂံဘုရားများ",
    "bo": "བོད་ཀྱི་རིག་གནས་ཤུལ་བཞག",
}

# What trips analysers: marks without a base, invisible signs, presentation forms, ligatures, jamo, lone surrogates.
_ODD = (
    "\u0301 \u0345 \u200b \u200c \u200d \u00ad \ufeff \u202e \ufe0f \U000e0100 \u034f \ud800 \udfff \x00 ½ ² № ㈠ ㆒ ⽂ "
    "ﬁ ŉ ﷺ ﱞ ﾊ ﾞ ゟ ヿ \u3099 ᄀ ᅡ ᆨ ㄱ ㅏ ﾡ \u115f \u3164 ำ ํ า ຳ ໍ າ ໜ ʿ ʼ ʻ İ ı ß ẞ ς Ⅻ ① 🏛️ 1️⃣ é e\u0301 й и\u0306 "
    "ё ѓ ї آ أ ى ی ک ة ـ ٱ ٢ ๒ २ 𝐀 ﬡ שּׁ ᾳ ΐ ﾡￂ ཱི ྃ"
)
ODD = [*_ODD.replace(" ", ""), "e\u0301", "и\u0306", "🏛️"]

characters = st.sampled_from(
    [c for text in SENTENCES.values() for c in text] + [*ODD, " ", "-", "'", '"', "."]
)
words = st.sampled_from([word for text in SENTENCES.values() for word in text.split()])
sentences = st.sampled_from(tuple(SENTENCES.values()))
texts = st.one_of(
    st.lists(characters, max_size=40).map("".join),
    st.lists(st.one_of(words, sentences, st.text(max_size=5)), max_size=8).map(" ".join),
    st.text(st.characters(), max_size=30),  # surrogates too
)
