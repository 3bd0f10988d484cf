"""Recipes: each module without an underscore states one, by its name."""

from training.recipes import mask3, resnet_once8
from training.recipes._base import IMAGENET, NOTHING, About, Part, Phase, Recipe, borrowed
from training.recipes._detector import DetectionRecipe
from training.recipes._options import add_recipe_options, changed, changed_any, refuse
from training.recipes._registry import load_any, load_recipe
from training.recipes._sources import COLLECTIONS, NOT_KNOWN, TEACHERS, Claim, backbone_claim

__all__ = [
    "COLLECTIONS",
    "IMAGENET",
    "NOTHING",
    "NOT_KNOWN",
    "TEACHERS",
    "About",
    "Claim",
    "DetectionRecipe",
    "Part",
    "Phase",
    "Recipe",
    "add_recipe_options",
    "backbone_claim",
    "borrowed",
    "changed",
    "changed_any",
    "load_any",
    "load_recipe",
    "mask3",
    "refuse",
    "resnet_once8",
]
