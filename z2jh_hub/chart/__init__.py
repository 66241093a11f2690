"""The chart's files as package data, its schema and the schema's JSON form."""
