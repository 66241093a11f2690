"""How findings are presented: text, JSON, SARIF and GitHub annotations."""
