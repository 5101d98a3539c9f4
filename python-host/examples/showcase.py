"""A flight over an endless archipelago, drawn in NumPy and OpenCV, with a map and music. `npm start` shows it.

Three tracks: `main_video` (1280x720), `map_video` (320x180) and `main_audio` (stereo). It flies and passes its days by
itself; the inputs take over: steering, speed, height, the hour, the sea's level, the colours.

How it is drawn. Terrain, water and sky are made at 512x288 and enlarged at the end. The terrain is a height map seen
column by column, from near to far ("voxel space"): every ray samples the map at the same 144 distances, so one `remap`
samples all of it, and a running minimum over the distances tells what is hidden. Colours are kept as three planes: an
operation on one plane is several times faster than on every third number.
"""

import itertools
import math
import time
from collections.abc import Iterator
from typing import Any, ClassVar, Literal

import cv2
import numpy as np
import numpy.typing as npt
from reactor_host import Audio, InputField, InputState, Output, ReactorApp, Video

Array = npt.NDArray[Any]

FPS = 30
SAMPLE_RATE_HZ = 48_000
WIDTH, HEIGHT = 512, 288
HORIZON = 112.0
FOCAL = 336.0
# The world: a square of so many cells that repeats in both directions.
CELLS = 1024
TALLEST = 150.0
DISTANCES = 144


class State(InputState):
    autopilot: bool = InputField(default=True, description="Fly and let the days pass without help.")
    speed: float = InputField(default=1.0, ge=0.0, le=4.0, description="Of the flight; 0 hovers.")
    steer: float = InputField(
        default=0.0, ge=-1.0, le=1.0, description="Left is negative. Adds to the autopilot."
    )
    height: float = InputField(default=55.0, ge=15.0, le=200.0, description="Above the ground or the sea.")
    hour: float = InputField(
        default=17.6, ge=0.0, le=24.0, description="Of the day, where the autopilot starts."
    )
    day_minutes: float = InputField(
        default=6.0, ge=0.5, le=60.0, description="How long a day lasts on autopilot."
    )
    sea_level: float = InputField(default=0.42, ge=0.0, le=0.9, description="Part of the tallest mountain.")
    palette: Literal["islands", "desert", "arctic", "dream"] = InputField(
        default="islands", description="Colours of the land."
    )
    volume: float = InputField(default=0.5, ge=0.0, le=1.0, description="Of wind and music.")


class Frame(Output):
    main_video: Video
    map_video: Video
    main_audio: Audio


class Showcase(ReactorApp):
    fps = FPS
    state: State

    def load(self) -> None:
        random = np.random.default_rng(7)
        self.land = Land(random)
        self.sky = Sky(random)
        self.music = Music(random)
        self.map = Map(self.land)

    def generate(self, input: State) -> Iterator[Frame]:
        flight = Flight(input.hour)
        canvas = np.empty((HEIGHT, WIDTH, 3), np.uint8)
        while True:
            flight.advance(input, self.land)
            light = Light(flight.hour)
            self.sky.draw(canvas, flight, light)
            self.land.draw(canvas, flight, light, input)
            yield Frame(
                main_video=cv2.resize(canvas, (1280, 720), interpolation=cv2.INTER_LINEAR),
                map_video=self.map.draw(flight, input),
                main_audio=self.music.play(input, flight, light),
            )


class Flight:
    """Where the camera is and where it looks. Angles in radians, lengths in cells of the map."""

    def __init__(self, hour: float) -> None:
        self.x, self.y, self.z = 380.0, 270.0, 140.0
        self.heading, self.bank, self.hour, self.seconds = 0.7, 0.0, hour, 0.0
        self._turn = 0.0
        self._asked_hour = hour

    def advance(self, input: State, land: "Land") -> None:
        self.seconds += 1 / FPS
        turn = input.steer
        if input.autopilot:
            turn += 0.55 * math.sin(self.seconds / 9.0) * math.sin(self.seconds / 23.0 + 1.0)
            self.hour += 24 / (60 * input.day_minutes * FPS)
        if input.hour != self._asked_hour or not input.autopilot:
            self._asked_hour = self.hour = input.hour
        self.hour %= 24
        self._turn += (max(-1.0, min(1.0, turn)) - self._turn) * 0.04
        self.bank += (self._turn * 0.22 - self.bank) * 0.06
        self.heading += self._turn * 0.016
        pace = 1.1 * input.speed
        self.x += math.cos(self.heading) * pace
        self.y += math.sin(self.heading) * pace
        # What lies ahead counts too, so that the camera climbs before the mountain.
        ground = max(
            land.height_at(self.x + math.cos(self.heading) * ahead, self.y + math.sin(self.heading) * ahead)
            for ahead in (0, 25, 50, 80)
        )
        wanted = max(ground, input.sea_level * TALLEST) + input.height
        self.z += (wanted - self.z) * 0.025

    @property
    def slope(self) -> float:
        """Of the horizon while the camera banks, in rows a column."""
        return math.tan(self.bank)


class Light:
    """Colours of an hour. Each is an RGB triple from 0 to 1."""

    # hour: zenith, horizon, sun's light, light from everywhere
    _HOURS: ClassVar[tuple[tuple[Any, ...], ...]] = (
        (0.0, (0.012, 0.02, 0.06), (0.07, 0.11, 0.22), (0.3, 0.37, 0.56), (0.13, 0.16, 0.28)),
        (4.8, (0.03, 0.05, 0.14), (0.18, 0.16, 0.3), (0.3, 0.32, 0.48), (0.14, 0.16, 0.27)),
        (6.0, (0.16, 0.24, 0.46), (0.98, 0.56, 0.34), (1.0, 0.55, 0.32), (0.3, 0.27, 0.34)),
        (7.6, (0.2, 0.42, 0.74), (0.86, 0.8, 0.72), (1.0, 0.84, 0.66), (0.38, 0.42, 0.5)),
        (12.0, (0.12, 0.38, 0.78), (0.68, 0.84, 0.95), (1.0, 0.97, 0.9), (0.42, 0.48, 0.56)),
        (16.6, (0.16, 0.38, 0.72), (0.88, 0.82, 0.72), (1.0, 0.86, 0.66), (0.38, 0.42, 0.5)),
        (18.2, (0.17, 0.19, 0.44), (1.0, 0.5, 0.26), (1.0, 0.5, 0.26), (0.3, 0.24, 0.34)),
        (19.4, (0.07, 0.07, 0.22), (0.48, 0.22, 0.34), (0.36, 0.26, 0.38), (0.14, 0.13, 0.24)),
        (21.0, (0.012, 0.02, 0.06), (0.07, 0.11, 0.22), (0.3, 0.37, 0.56), (0.13, 0.16, 0.28)),
        (24.0, (0.012, 0.02, 0.06), (0.07, 0.11, 0.22), (0.3, 0.37, 0.56), (0.13, 0.16, 0.28)),
    )

    def __init__(self, hour: float) -> None:
        hours = [each[0] for each in self._HOURS]
        self.zenith, self.horizon, self.sun, self.ambient = (
            np.array(
                [np.interp(hour, hours, [each[kind][part] for each in self._HOURS]) for part in range(3)],
                np.float32,
            )
            for kind in range(1, 5)
        )
        # The sun by day, the moon by night: each crosses from east to west.
        self.is_day = 5.4 <= hour <= 18.9
        passed = (hour - 5.4) / 13.5 if self.is_day else ((hour - 18.9) % 24) / 10.5
        self.elevation = math.sin(passed * math.pi) * 0.75 - 0.03
        self.azimuth = -1.2 + 2.4 * passed
        self.night = float(np.interp(hour, (4.6, 6.0, 18.6, 20.4), (1, 0, 0, 1)))

    def bearing(self, flight: Flight) -> float:
        """Of the sun or moon from straight ahead, to the right, in radians."""
        return (self.azimuth - flight.heading + math.pi) % (2 * math.pi) - math.pi


class Sky:
    """Above the horizon: a gradient, the sun or moon with its glow, stars, and a layer of clouds.

    All of it is soft, so it is drawn at half the size, and enlarged and banked in one step.
    """

    def __init__(self, random: np.random.Generator) -> None:
        # Wider and taller than the picture by what banking needs.
        self._width, self._horizon, self._rows = WIDTH // 2, HORIZON / 2 + 40, int(HORIZON / 2) + 60
        focal = FOCAL / 2
        self._focal = focal
        rows = np.arange(self._rows, dtype=np.float32)
        up = np.clip((self._horizon - rows) / (HORIZON / 2), 0, 1.3).astype(np.float32)
        self._up = np.repeat((np.minimum(up, 1) ** 0.7)[:, None], self._width, axis=1)
        self._ray_x = np.repeat(
            np.arange(self._width, dtype=np.float32)[None] - self._width / 2, self._rows, axis=0
        )
        self._ray_y = np.repeat(rows[:, None], self._width, axis=1)
        # Clouds lie on a plane above: a row nearer to the horizon looks further.
        self._cloud_rows = int(self._horizon) - 1
        far = 4200.0 / (self._horizon + 2 - np.arange(self._cloud_rows, dtype=np.float32))
        self._ahead = np.repeat(far[:, None], self._width, axis=1)
        self._aside = self._ahead * self._ray_x[: self._cloud_rows] / focal
        cover = tiling_noise(random, 512, 1.7)
        self._clouds = (np.clip((cover - 0.46) * 2.6, 0, 1) * 255).astype(np.uint8)
        # Thin out towards the horizon, where the plane would shimmer.
        thin = np.clip((self._horizon - 2 - np.arange(self._cloud_rows)) / 30, 0, 1).astype(np.float32)
        self._thin = np.repeat(thin[:, None], self._width, axis=1) * np.float32(0.85 / 255)
        self._stars = np.zeros((self._rows, 1024), np.float32)
        self._stars[random.integers(0, self._rows, 420), random.integers(0, 1024, 420)] = (
            random.uniform(0, 1, 420) ** 2
        )

    def draw(self, canvas: Array, flight: Flight, light: Light) -> None:
        planes = [self._up * (light.zenith[part] - light.horizon[part]) * 255 for part in range(3)]
        for part, plane in enumerate(planes):
            plane += light.horizon[part] * np.float32(255)
        if light.night > 0:
            columns = ((flight.heading * self._focal + self._ray_x[0]) % 1024).astype(np.intp)
            stars = self._stars[:, columns] * self._up * np.float32(230 * light.night)
            for plane in planes:
                plane += stars
        self._shine(planes, flight, light)
        self._cloud(planes, flight, light)
        picture = cv2.merge([np.minimum(plane, 255).astype(np.uint8) for plane in planes])
        bank = np.array(
            [[2, 0, 0.5], [2 * flight.slope, 2, HORIZON - 2 * self._horizon - flight.slope * WIDTH / 2]]
        )
        cv2.warpAffine(
            picture,
            bank,
            (WIDTH, HEIGHT * 3 // 4),
            dst=canvas[: HEIGHT * 3 // 4],
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )

    def _shine(self, planes: list[Array], flight: Flight, light: Light) -> None:
        x, y = light.bearing(flight) * self._focal, self._horizon - light.elevation * 78
        away = cv2.magnitude(self._ray_x - np.float32(x), self._ray_y - np.float32(y))
        radius, glow = (5.0, 34.0) if light.is_day else (3.6, 7.0)
        # A disc with a soft edge, and a halo that falls off with the distance.
        shine = np.float32(glow) / (away + np.float32(8)) * np.float32(0.35)
        shine += np.clip(radius + 0.7 - away, 0, 1) * np.float32(2.4 if light.is_day else 0.9)
        colour = light.sun if light.is_day else np.array([0.86, 0.9, 1.0], np.float32)
        for part, plane in enumerate(planes):
            plane += shine * (colour[part] * np.float32(190))

    def _cloud(self, planes: list[Array], flight: Flight, light: Light) -> None:
        cos, sin = np.float32(math.cos(flight.heading)), np.float32(math.sin(flight.heading))
        map_x = self._ahead * cos - self._aside * sin + np.float32((flight.x + flight.seconds * 3) % 512)
        map_y = self._ahead * sin + self._aside * cos + np.float32(flight.y % 512)
        cover = (
            cv2.remap(self._clouds, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP) * self._thin
        )
        colour = (light.sun * np.float32(0.62) + light.ambient * np.float32(0.72)) * np.float32(255)
        for part, plane in enumerate(planes):
            above = plane[: self._cloud_rows]
            above += (colour[part] - above) * cover


class Land:
    """The height map and the look of it."""

    # Height above the sea from 0 to 1, and colour.
    _PALETTES: ClassVar[dict[str, tuple[tuple[float, tuple[int, int, int]], ...]]] = {
        "islands": (
            (0.0, (196, 184, 132)),
            (0.03, (180, 172, 112)),
            (0.09, (116, 152, 70)),
            (0.3, (62, 112, 52)),
            (0.5, (96, 104, 78)),
            (0.68, (122, 114, 108)),
            (0.8, (236, 240, 246)),
            (1.0, (255, 255, 255)),
        ),
        "desert": (
            (0.0, (236, 200, 150)),
            (0.15, (224, 164, 104)),
            (0.4, (196, 104, 62)),
            (0.6, (160, 74, 52)),
            (0.8, (214, 150, 110)),
            (1.0, (244, 214, 184)),
        ),
        "arctic": (
            (0.0, (196, 212, 224)),
            (0.2, (232, 240, 248)),
            (0.45, (150, 168, 190)),
            (0.6, (224, 234, 246)),
            (1.0, (255, 255, 255)),
        ),
        "dream": (
            (0.0, (255, 196, 214)),
            (0.15, (190, 120, 220)),
            (0.4, (70, 110, 200)),
            (0.6, (60, 200, 190)),
            (0.8, (250, 240, 160)),
            (1.0, (255, 255, 240)),
        ),
    }
    _SEA: ClassVar[dict[str, tuple[float, float, float]]] = {
        "islands": (0.05, 0.3, 0.38),
        "desert": (0.1, 0.34, 0.36),
        "arctic": (0.1, 0.24, 0.34),
        "dream": (0.25, 0.12, 0.4),
    }

    def __init__(self, random: np.random.Generator) -> None:
        broad = tiling_noise(random, CELLS, 2.4)
        ridges = 1 - np.abs(2 * tiling_noise(random, CELLS, 2.2) - 1)
        self.heights = (0.62 * broad + 0.38 * ridges * broad).astype(np.float32)
        self.heights = (self.heights - self.heights.min()) / (self.heights.max() - self.heights.min())
        east = np.roll(self.heights, -1, 1) - np.roll(self.heights, 1, 1)
        south = np.roll(self.heights, -1, 0) - np.roll(self.heights, 1, 0)
        grain = tiling_noise(random, CELLS, 0.9) - 0.5
        # Sampled together, in one call: height, slope to the east, slope to the south, grain.
        self._samples = cv2.merge([self.heights, east * 26, south * 26, grain]).astype(np.float32)
        self._ripples = tiling_noise(random, 256, 1.15)
        self._tables = {name: _colour_table(stops) for name, stops in self._PALETTES.items()}
        # Nearer rows are closer together: the steps look alike on the screen.
        self._away = (16 * (1000 / 16) ** np.linspace(0, 1, DISTANCES)).astype(np.float32)[:, None]
        columns = np.arange(WIDTH, dtype=np.float32)
        self._aside = self._away * (columns - WIDTH / 2) / FOCAL
        self._column = np.repeat(columns[None], HEIGHT, axis=0)
        self._row = np.repeat(np.arange(HEIGHT, dtype=np.float32)[:, None], WIDTH, axis=1)
        self._from_middle = columns - WIDTH / 2
        self._index = np.arange(WIDTH, dtype=np.intp)
        self._fog = np.repeat((1 - np.exp(-((self._away / 640) ** 2))).astype(np.float32), WIDTH, axis=1)
        # Far water mirrors the sky above the horizon, near water shows its own colour (Fresnel, roughly).
        self._glance = np.repeat(np.clip(self._away / 700, 0.1, 0.92) ** np.float32(0.75), WIDTH, axis=1)
        self._reach = FOCAL / self._away

    def height_at(self, x: float, y: float) -> float:
        return float(self.heights[int(y) % CELLS, int(x) % CELLS]) * TALLEST

    def palette(self, name: str) -> tuple[Array, Array]:
        """Colour by height, (256, 3) from 0 to 255, and the colour of the sea from 0 to 1."""
        return self._tables[name], np.array(self._SEA[name], np.float32)

    def draw(self, canvas: Array, flight: Flight, light: Light, input: State) -> None:
        cos, sin = np.float32(math.cos(flight.heading)), np.float32(math.sin(flight.heading))
        map_x = self._away * cos - self._aside * sin + np.float32(flight.x % CELLS)
        map_y = self._away * sin + self._aside * cos + np.float32(flight.y % CELLS)
        sampled = cv2.remap(self._samples, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
        height, east, south, grain = cv2.split(sampled)
        depth = np.float32(input.sea_level) - height
        planes = self._lit(depth, east, south, grain, light, input)
        self._flood(planes, depth, map_x, map_y, flight, light, input)
        for part, plane in enumerate(planes):
            plane += (light.horizon[part] * np.float32(255) - plane) * self._fog
        looks = cv2.merge([np.clip(plane, 0, 255).astype(np.uint8) for plane in planes])
        np.maximum(height, np.float32(input.sea_level), out=height)
        self._paint(canvas, looks, height, flight)

    def _lit(
        self, depth: Array, east: Array, south: Array, grain: Array, light: Light, input: State
    ) -> list[Array]:
        table, _ = self.palette(input.palette)
        above = grain * np.float32(26)
        above -= depth * np.float32(255 / max(0.2, 1 - input.sea_level))
        index = np.clip(above, 0, 255).astype(np.uint8)
        shade = east * np.float32(-0.9 * math.cos(light.azimuth))
        shade -= south * np.float32(0.9 * math.sin(light.azimuth))
        shade += np.float32(0.35 + 0.4 * max(0.0, light.elevation))
        np.clip(shade, 0.02, 1.15, out=shade)
        planes = []
        for part in range(3):
            plane = cv2.LUT(index, np.ascontiguousarray(table[:, part]))
            plane *= shade * light.sun[part] + light.ambient[part]
            planes.append(plane)
        return planes

    def _flood(
        self,
        planes: list[Array],
        depth: Array,
        map_x: Array,
        map_y: Array,
        flight: Flight,
        light: Light,
        input: State,
    ) -> None:
        _, sea = self.palette(input.palette)
        drift = np.float32(flight.seconds * 2.2)
        map_x *= np.float32(2.6)
        map_x += drift
        map_y *= np.float32(2.6)
        map_y -= drift
        ripple = cv2.remap(self._ripples, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
        # The sun's path on the water: ripples that happen to face it, in its direction only.
        across = (self._from_middle - light.bearing(flight) * FOCAL) / 60
        path = np.exp(-np.minimum(across**2, 50)).astype(np.float32) * (230 if light.is_day else 80)
        glitter = np.clip((ripple - np.float32(0.55)) * np.float32(8), 0, 1) * path
        shimmer = (ripple - np.float32(0.5)) * np.float32(46) * self._glance
        # Shallow water lets the ground through.
        cover = np.clip(depth * np.float32(26), 0, 1)
        foam = np.clip(1 - np.abs(depth - ripple * np.float32(0.012)) * np.float32(80), 0, 1)
        foam *= (depth > 0) * (1 - self._glance) * np.float32(90 * (1 - 0.75 * light.night))
        for part, plane in enumerate(planes):
            body = (
                float(
                    sea[part] * (light.ambient[part] * 0.9 + light.sun[part] * 0.5)
                    + light.zenith[part] * 0.22
                )
                * 255
            )
            mirrored = float(light.horizon[part] * 0.72 + light.zenith[part] * 0.26) * 255
            water = self._glance * np.float32(mirrored - body)
            water += np.float32(body)
            water += shimmer
            water += glitter * light.sun[part]
            water -= plane
            water *= cover
            plane += water
            plane += foam

    def _paint(self, canvas: Array, looks: Array, height: Array, flight: Flight) -> None:
        """Put the sampled colours on the screen: per column, what is nearer hides what is farther and lower."""
        horizon = (HORIZON + self._from_middle * flight.slope).astype(np.float32)
        top = (np.float32(flight.z) - height * np.float32(TALLEST)) * self._reach + horizon
        np.clip(top, 0, HEIGHT, out=top)
        # Row by row: accumulate() along the first axis jumps through memory.
        for nearer, farther in itertools.pairwise(top):
            np.minimum(nearer, farther, out=farther)
        places = np.ceil(top).astype(np.intp)
        places *= WIDTH
        places += self._index
        reached = np.bincount(places.ravel(), minlength=(HEIGHT + 1) * WIDTH).reshape(HEIGHT + 1, WIDTH)
        # Per pixel the first distance whose ground reaches up to it; DISTANCES where only sky does.
        first = np.empty((HEIGHT, WIDTH), np.intp)
        left = np.full(WIDTH, DISTANCES, np.intp)
        for row, count in zip(first, reached, strict=False):
            np.subtract(left, count, out=left)
            row[:] = left
        start = int(top[-1].min())
        seen = first[start:]
        is_ground = (seen < DISTANCES).view(np.uint8)
        np.minimum(seen, DISTANCES - 1, out=seen)
        # Between the two samples above and below the pixel.
        flat = seen * WIDTH
        flat += self._index
        upper = np.take(top, flat)
        flat -= WIDTH
        np.maximum(flat, 0, out=flat)
        lower = np.take(top, flat)
        wanted = lower - self._row[start:]
        wanted /= np.maximum(lower - upper, np.float32(1e-3))
        np.clip(wanted, 0, 1, out=wanted)
        wanted += seen.astype(np.float32)
        wanted -= 1
        ground = cv2.remap(
            looks, self._column[start:], wanted, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        cv2.copyTo(ground, is_ground, canvas[start:])


class Map:
    """The world from above, turned so that ahead is up."""

    def __init__(self, land: Land) -> None:
        self._land = land
        self._drawn_for: tuple[str, float] | None = None
        self._world: Any = None

    def draw(self, flight: Flight, input: State) -> Array:
        if self._drawn_for != (input.palette, input.sea_level):
            self._drawn_for = (input.palette, input.sea_level)
            self._world = self._drawn(input)
        # From the picture's pixels to the map's cells.
        zoom = 1.25
        cos, sin = math.cos(flight.heading) * zoom, math.sin(flight.heading) * zoom
        back = np.array(
            [
                [-sin, -cos, flight.x % CELLS + sin * 160 + cos * 120],
                [cos, -sin, flight.y % CELLS - cos * 160 + sin * 120],
            ]
        )
        picture = cv2.warpAffine(
            self._world,
            back,
            (320, 180),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_WRAP,
        )
        arrow = np.array([[160, 106], [168, 126], [160, 121], [152, 126]], np.int32)
        cv2.fillPoly(picture, [arrow], (255, 96, 64), cv2.LINE_AA)
        cv2.polylines(picture, [arrow], True, (255, 255, 255), 1, cv2.LINE_AA)
        text = f"{int(flight.hour):02d}:{int(flight.hour * 60) % 60:02d}"
        cv2.putText(picture, text, (9, 21), cv2.FONT_HERSHEY_DUPLEX, 0.55, (10, 16, 30), 3, cv2.LINE_AA)
        cv2.putText(picture, text, (9, 21), cv2.FONT_HERSHEY_DUPLEX, 0.55, (255, 255, 255), 1, cv2.LINE_AA)
        return np.asarray(picture, np.uint8)

    def _drawn(self, input: State) -> Array:
        table, sea = self._land.palette(input.palette)
        heights = self._land.heights
        above = np.clip((heights - input.sea_level) / max(0.2, 1 - input.sea_level), 0, 1)
        colours = table[(above * 255).astype(np.uint8)]
        slope = (np.roll(heights, 1, 1) - np.roll(heights, -1, 1)) * 9
        colours = colours * np.clip(0.85 + slope, 0.4, 1.25)[..., None]
        under = (input.sea_level - heights)[..., None]
        water = sea * 255 * np.clip(2.1 - under * 5, 0.9, 2.1)
        return np.asarray(np.clip(np.where(under > 0, water, colours), 0, 255).astype(np.uint8))


class Music:
    """Wind, a slow pad of four chords and, now and then, a bell. Made in blocks of one picture's time."""

    _CHORDS = (
        (110.0, 164.81, 220.0, 277.18, 329.63),
        (92.5, 138.59, 220.0, 277.18, 369.99),
        (73.42, 146.83, 220.0, 293.66, 369.99),
        (82.41, 164.81, 246.94, 329.63, 415.3),
    )
    _BELLS = (440.0, 554.37, 659.26, 739.99, 880.0, 1108.73)
    _CHORD_SECONDS = 9.0
    _MOST_BLOCKS = 10

    def __init__(self, random: np.random.Generator) -> None:
        self._random = random
        self._block = SAMPLE_RATE_HZ // FPS
        self._time = np.arange(self._block) / SAMPLE_RATE_HZ
        self._phase = random.uniform(0, 2 * np.pi, (2, 5))
        self._pitch = np.array(self._CHORDS[0])
        self._began = float("-inf")
        self._played = 0
        self._wind = np.stack([wind_loop(random), wind_loop(random)])
        self._ringing = np.zeros((2, SAMPLE_RATE_HZ * 5), np.float32)
        self._next_bell = 2.0
        self._level = np.zeros(3)

    def play(self, input: State, flight: Flight, light: Light) -> Array:
        """What is due since the last call, float32 (2, samples): a slow machine shows fewer pictures, and hears the whole sound."""
        now = time.monotonic()
        missing = (now - self._began) * FPS - self._played
        if missing > self._MOST_BLOCKS:
            # Nobody was there for a while, or this is the first call.
            self._began, missing = now - self._played / FPS, 0.0
        # The pictures of a step that came late come early; so does their sound, by less of it.
        blocks = [self._next(input, flight, light) for _ in range(1 + round(missing))]
        return np.concatenate([np.zeros((2, 0), np.float32), *blocks], axis=1)

    def _next(self, input: State, flight: Flight, light: Light) -> Array:
        """The next block."""
        seconds = self._played * self._block / SAMPLE_RATE_HZ
        chord = self._CHORDS[int(seconds / self._CHORD_SECONDS) % len(self._CHORDS)]
        # Voices glide to the next chord, so nothing starts or stops.
        self._pitch += (np.array(chord) - self._pitch) * 0.02
        detuned = self._pitch[None] * np.array([[0.9985], [1.0015]])
        angles = self._phase[..., None] + 2 * np.pi * detuned[..., None] * self._time
        self._phase = (self._phase + 2 * np.pi * detuned * self._block / SAMPLE_RATE_HZ) % (2 * np.pi)
        swell = 0.5 + 0.5 * np.sin(seconds * np.array([0.31, 0.23, 0.37, 0.29, 0.19]) + np.arange(5))
        loudness = swell * np.array([0.34, 0.26, 0.22, 0.16, 0.12])
        pad = np.einsum("v,cvs->cs", loudness, np.sin(angles))
        start = self._played * self._block % (self._wind.shape[1] - self._block)
        wind = self._wind[:, start : start + self._block]
        bells = self._bells(seconds)
        wanted = np.array([0.16, 0.1 + 0.05 * input.speed, 0.5 + 0.5 * light.night]) * input.volume
        # Every change of loudness is a ramp over the block: a step would click.
        ramp = np.linspace(0, 1, self._block, endpoint=False)
        levels = self._level[:, None] + (wanted - self._level)[:, None] * ramp
        self._level = wanted
        self._played += 1
        return np.asarray((pad * levels[0] + wind * levels[1] + bells * levels[2]).astype(np.float32))

    def _bells(self, seconds: float) -> Array:
        if seconds >= self._next_bell:
            self._next_bell = seconds + self._random.uniform(1.5, 5.0)
            pitch = float(self._random.choice(self._BELLS))
            left = self._random.uniform(0.3, 1.0)
            sound = bell(pitch) * np.float32(0.16)
            self._ringing[0, : len(sound)] += sound * np.float32(left)
            self._ringing[1, : len(sound)] += sound * np.float32(1.3 - left)
        now = self._ringing[:, : self._block].copy()
        self._ringing[:, : -self._block] = self._ringing[:, self._block :]
        self._ringing[:, -self._block :] = 0
        return np.asarray(now)


def tiling_noise(random: np.random.Generator, cells: int, roughness: float) -> Array:
    """Smooth noise from 0 to 1 that continues at its opposite edge: white noise, weakened by frequency ** roughness."""
    spectrum = np.fft.rfft2(random.standard_normal((cells, cells)))
    frequency = np.hypot(np.fft.fftfreq(cells)[:, None], np.fft.rfftfreq(cells)[None]) * cells
    frequency[0, 0] = 1
    # The longest waves would make one continent; a world that repeats looks better with several islands.
    spectrum *= 1 / np.maximum(frequency, 3) ** roughness
    spectrum[0, 0] = 0
    noise = np.fft.irfft2(spectrum, (cells, cells))
    low, high = np.percentile(noise, (0.2, 99.8))
    return np.asarray(np.clip((noise - low) / (high - low), 0, 1).astype(np.float32))


def _colour_table(stops: tuple[tuple[float, tuple[int, int, int]], ...]) -> Array:
    at = [each[0] for each in stops]
    parts = [np.interp(np.linspace(0, 1, 256), at, [each[1][part] for each in stops]) for part in range(3)]
    return np.stack(parts, axis=1).astype(np.float32)


def wind_loop(random: np.random.Generator) -> Array:
    """Twenty seconds of wind, ends joined; one block more than the loop, so that a block never wraps."""
    samples, block = SAMPLE_RATE_HZ * 20, SAMPLE_RATE_HZ // FPS
    spectrum = np.fft.rfft(random.standard_normal(samples))
    hertz = np.fft.rfftfreq(samples, 1 / SAMPLE_RATE_HZ)
    spectrum *= 1 / (1 + (hertz / 260) ** 2) * (hertz > 30)
    wind = np.fft.irfft(spectrum, samples)
    slow = np.sin(2 * np.pi * np.arange(samples) * 3 / samples + random.uniform(0, 6))
    wind *= (0.6 + 0.4 * slow) / np.abs(wind).max()
    return np.concatenate([wind, wind[:block]]).astype(np.float32)


def bell(pitch_hz: float) -> Array:
    """Four seconds of a soft bell, from silence to silence."""
    time = np.arange(SAMPLE_RATE_HZ * 4) / SAMPLE_RATE_HZ
    partials = ((1.0, 1.0, 1.1), (2.0, 0.4, 0.8), (2.76, 0.22, 0.5), (5.4, 0.07, 0.25))
    sound = sum(
        part * np.sin(2 * np.pi * pitch_hz * ratio * time) * np.exp(-time / life)
        for ratio, part, life in partials
    )
    edge = np.minimum(1, time / 0.006) * np.minimum(1, (4 - time) / 0.3)
    return np.asarray(sound * edge, np.float32)
