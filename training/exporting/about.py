"""What a card says in words of a model about which no recipe can speak: own labels, or trained elsewhere."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from core.labels import GENDER_WEAR_8, LabelSet
from training.recipes import About, Recipe, borrowed, mask3, resnet_once8


def about_run(recipe: Recipe, labels: Collection[str], sources: Collection[str]) -> About:
    """The recipe's own words, if the run learned the recipe's labels from the sources that they speak of."""
    if tuple(labels) == recipe.labels.labels and set(sources) <= set(recipe.about.sources):
        return recipe.about
    return replace(_unmeasured(labels), licence_notes=("The pictures that it learned from decide.",))


def about_imported(labels: LabelSet) -> About:
    about = _unmeasured(labels.labels)
    limits = ("It was trained elsewhere: on what pictures, and how, is not known here.", *about.limits)
    return replace(about, limits=limits, licence_notes=("Ask those who trained it.",))


def _unmeasured(labels: Collection[str]) -> About:
    return About(
        summary=f"tells {', '.join(labels)}",
        intended_use="To try it out, with a person in the loop.",
        limits=(
            "When it cannot tell was not measured for it: the thresholds are those of mask3.",
            "It says nothing about how well a mask filters or fits.",
        ),
        licence="not known",
        licence_notes=(),
        quality=borrowed(mask3.ABOUT.quality, "mask3"),
        warning=resnet_once8.RECIPE.about.warning if set(labels) & set(GENDER_WEAR_8) else "",
    )
