"""How closely a frame of a video is looked at."""

FINE_PASS_SIDE, COARSE_PASS_SIDE = 640, 320  # pixels of the frame's longer side: some 13 and 3 ms of YuNet
FINE_PASS_EVERY = 0.3  # seconds: so soon somebody small or far away is noticed
COARSE_PASS_FACE = 24  # pixels: of at least that size a coarse pass finds faces as well as a fine one
