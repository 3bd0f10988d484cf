"""Answers drawn on pictures: annotations, hidden faces, colours that can be told apart."""
