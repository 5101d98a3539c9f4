# A clock whose hand goes around once a minute. Run it: npm start -- python-host/examples/clock.py
import time

import cv2
import numpy as np
from reactor_host import Output, ReactorApp, Video


class Frame(Output):
    main_video: Video  # each field is a track of that name


class Clock(ReactorApp):
    def generate(self) -> Frame:
        picture = np.full((720, 1280, 3), (18, 22, 34), np.uint8)
        turns = 2 * np.pi * (time.time() / 60 % 1)
        tip = (int(640 + 280 * np.sin(turns)), int(360 - 280 * np.cos(turns)))
        cv2.circle(picture, (640, 360), 300, (60, 70, 100), 6, cv2.LINE_AA)
        cv2.line(picture, (640, 360), tip, (255, 140, 40), 8, cv2.LINE_AA)
        return Frame(main_video=picture)
