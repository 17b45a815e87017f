"""How right the parser and the grouping are, counted over labelled articles."""
