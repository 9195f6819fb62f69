"""Broadcasts: a notice sent to those whom it concerns, by the best road that WeChat still allows."""

from app.feature import Feature

feature = Feature("broadcasts", "群发")
