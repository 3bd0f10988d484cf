"""Where the faces are in a picture of a film."""

import pytest

from core.decision import OperatingPoint
from core.video.films.sightings import Glance, Sightings
from core.video.films.timeline import FaceTimeline


@pytest.fixture
def hidden(scene):
    """What is blurred in a picture, from the boxes that may be faces in it."""

    def of(*boxes):
        sightings = Sightings(scene.card.label_set, OperatingPoint(0.1), "scene")
        sightings.add(Glance(0.0, (), boxes))
        sightings.close(1.0)
        return FaceTimeline(sightings).hidden_at(0.1)

    return of


def test_boxes_of_one_face_are_hidden_as_one_that_encloses_them(hidden):
    face, again, part, other = (10, 10, 50, 50), (14, 8, 54, 48), (20, 20, 30, 30), (60, 10, 100, 50)
    assert sorted(hidden(face, other, again, part)) == [(10, 8, 54, 50), other]


def test_faces_side_by_side_are_hidden_each_for_itself(hidden):
    side_by_side = [(10, 10, 50, 50), (30, 10, 70, 50)]
    assert sorted(hidden(*side_by_side)) == side_by_side


def test_what_has_no_area_changes_nothing_and_nobody_is_nothing(hidden):
    assert (5, 5, 5, 9) in hidden((5, 5, 5, 9), (10, 10, 50, 50))
    assert hidden() == []
