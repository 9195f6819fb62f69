"""What a resident's words mean: numbers, days and times, words spelt wrongly, phones, cries for help.

Pure functions. Nothing here reads a clock, a file or a database: `now` and the known words are handed in,
so that a corpus with frozen clocks can prove each of them. A reading that may be wrong says so (`sure`),
and the dialogue asks.
"""
