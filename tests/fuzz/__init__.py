"""Words, bytes and forms that nobody would think of, thrown at the doors of the house (`make fuzz`).

Each target (targets*.py) says what a case looks like and what must hold when it is played; a case is plain JSON. A case
that once broke something lies in corpus/ and is played again in the everyday build (test_corpus.py).
"""
