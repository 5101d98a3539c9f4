"""load() raises."""

from reactor_host import Output, ReactorApp, Video


class Frame(Output):
    main_video: Video


class Model(ReactorApp):
    def load(self, config_path: str | None = None) -> None:
        raise FileNotFoundError("weights.safetensors")

    def generate(self) -> Frame:
        raise NotImplementedError
