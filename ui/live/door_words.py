"""What the door says, in each language: the one table. Keys: `core.video.door.ANSWERS`."""

from __future__ import annotations

from core.drawing import ink_on
from core.labels import BLUE, CANNOT_TELL, GREY, ORANGE, VERMILION, appearance
from core.video import ANSWERS

# Its own name, and the tag by which a browser chooses a voice.
LANGUAGES = {
    "en": ("English", "en-US"),
    "es": ("Español", "es-ES"),
    "fr": ("Français", "fr-FR"),
    "de": ("Deutsch", "de-DE"),
    "zh": ("中文", "zh-CN"),
    "it": ("Italiano", "it-IT"),
    "pt": ("Português", "pt-BR"),
}

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "waiting": "Please step in front of the camera",
        "reading": "One moment…",
        "one_by_one": "One person at a time, please",
        "properly": "Mask on. Thank you!",
        "wrongly": "Cover your nose and mouth",
        "not": "Please put on a mask",
        "other": "See the screen",
        "cut_off": "Move into the middle",
        "too_small": "Please come closer",
        "dark": "More light, please",
        "blurred": "Please hold still",
        "turned_away": "Please look at the camera",
        "low_margin": "Please uncover your face around the mask",
    },
    "es": {
        "waiting": "Póngase delante de la cámara",
        "reading": "Un momento…",
        "one_by_one": "De uno en uno, por favor",
        "properly": "Mascarilla bien puesta. ¡Gracias!",
        "wrongly": "Cúbrase la nariz y la boca",
        "not": "Póngase una mascarilla, por favor",
        "other": "Mire la pantalla",
        "cut_off": "Colóquese en el centro",
        "too_small": "Acérquese, por favor",
        "dark": "Hace falta más luz",
        "blurred": "No se mueva, por favor",
        "turned_away": "Mire a la cámara, por favor",
        "low_margin": "Descúbrase la cara alrededor de la mascarilla",
    },
    "fr": {
        "waiting": "Placez-vous devant la caméra",
        "reading": "Un instant…",
        "one_by_one": "Une personne à la fois, s’il vous plaît",
        "properly": "Masque bien mis. Merci !",
        "wrongly": "Couvrez le nez et la bouche",
        "not": "Mettez un masque, s’il vous plaît",
        "other": "Regardez l’écran",
        "cut_off": "Placez-vous au milieu",
        "too_small": "Approchez-vous, s’il vous plaît",
        "dark": "Il faut plus de lumière",
        "blurred": "Ne bougez pas, s’il vous plaît",
        "turned_away": "Regardez la caméra, s’il vous plaît",
        "low_margin": "Dégagez le visage autour du masque",
    },
    "de": {
        "waiting": "Bitte vor die Kamera treten",
        "reading": "Einen Moment…",
        "one_by_one": "Bitte einzeln eintreten",
        "properly": "Maske sitzt. Danke!",
        "wrongly": "Bitte Nase und Mund bedecken",
        "not": "Bitte eine Maske aufsetzen",
        "other": "Siehe Bildschirm",
        "cut_off": "Bitte in die Mitte treten",
        "too_small": "Bitte näher kommen",
        "dark": "Mehr Licht, bitte",
        "blurred": "Bitte still halten",
        "turned_away": "Bitte in die Kamera schauen",
        "low_margin": "Bitte das Gesicht rund um die Maske frei machen",
    },
    "zh": {
        "waiting": "请站到摄像头前",
        "reading": "请稍候…",
        "one_by_one": "请一个一个来",
        "properly": "口罩已戴好，谢谢！",
        "wrongly": "请遮住口鼻",
        "not": "请戴上口罩",
        "other": "请看屏幕",
        "cut_off": "请移到中间",
        "too_small": "请靠近一点",
        "dark": "光线太暗",
        "blurred": "请不要动",
        "turned_away": "请看摄像头",
        "low_margin": "请露出口罩周围的脸",
    },
    "it": {
        "waiting": "Si metta davanti alla telecamera",
        "reading": "Un momento…",
        "one_by_one": "Uno alla volta, per favore",
        "properly": "Mascherina a posto. Grazie!",
        "wrongly": "Copra naso e bocca",
        "not": "Indossi una mascherina, per favore",
        "other": "Guardi lo schermo",
        "cut_off": "Si sposti al centro",
        "too_small": "Si avvicini, per favore",
        "dark": "Serve più luce",
        "blurred": "Resti fermo, per favore",
        "turned_away": "Guardi la telecamera, per favore",
        "low_margin": "Scopra il viso intorno alla mascherina",
    },
    "pt": {
        "waiting": "Fique em frente à câmera",
        "reading": "Um momento…",
        "one_by_one": "Uma pessoa de cada vez, por favor",
        "properly": "Máscara bem colocada. Obrigado!",
        "wrongly": "Cubra o nariz e a boca",
        "not": "Coloque uma máscara, por favor",
        "other": "Veja a tela",
        "cut_off": "Fique no meio",
        "too_small": "Aproxime-se, por favor",
        "dark": "É preciso mais luz",
        "blurred": "Não se mexa, por favor",
        "turned_away": "Olhe para a câmera, por favor",
        "low_margin": "Descubra o rosto em volta da máscara",
    },
}

_LOOKS = {
    "properly": ("✓", BLUE),
    "wrongly": ("!", ORANGE),
    "not": ("✗", VERMILION),
}


def door_plates(language: str) -> dict[str, dict[str, str]]:
    """For each answer of the door: words, icon, colour of the plate and of the ink on it."""
    plates = {}
    for answer in ANSWERS:
        icon, colour = _LOOKS.get(answer, (appearance(CANNOT_TELL).icon, GREY))
        if answer in ("waiting", "reading"):
            icon = "…"
        plates[answer] = {
            "words": WORDS[language][answer],
            "icon": icon,
            "colour": colour,
            "ink": ink_on(colour),
        }
    return plates
