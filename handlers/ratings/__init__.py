"""How a visit was: three faces and a word, once per visit, never a ranking of people."""

from app.feature import Feature

feature = Feature(name="ratings", title="评价")
