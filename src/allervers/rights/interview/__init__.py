"""The interview of a household: answers in plain words, the next page to ask, the results. No web here.

The public simulator is one face of it; an interview led by an agent may be another.
"""
