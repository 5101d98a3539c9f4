"""Two models: which one is meant?"""

from reactor_host import Output, ReactorApp, Video


class Frame(Output):
    main_video: Video


class Cat(ReactorApp):
    def generate(self) -> Frame:
        raise NotImplementedError


class Dog(ReactorApp):
    def generate(self) -> Frame:
        raise NotImplementedError
