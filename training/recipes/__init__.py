"""Recipes: each module without an underscore states one, by its name."""

from training.recipes import mask3, resnet_once8
from training.recipes._base import IMAGENET, NOTHING, About, Phase, Recipe
from training.recipes._detector import DetectionRecipe
from training.recipes._options import add_recipe_options, changed, changed_any, refuse
from training.recipes._registry import load_any, load_recipe

__all__ = [
    "IMAGENET",
    "NOTHING",
    "About",
    "DetectionRecipe",
    "Phase",
    "Recipe",
    "add_recipe_options",
    "changed",
    "changed_any",
    "load_any",
    "load_recipe",
    "mask3",
    "refuse",
    "resnet_once8",
]
