"""A document service: plugins read, translate and shrink documents, a runner is meant to be their only caller."""
