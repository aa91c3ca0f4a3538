"""A decision's document as a person or a pipeline reads it: text, Markdown, JUnit, all from one folded form."""
