"""The bench's model for Reactor's published runtime; the same as bench/source.py but for the import.

No `fps` on the class: the runtime then paces by the measured time of a step, which is its default.
"""

from picture import PacedPicture
from reactor_runtime import Output, ReactorApp, Video

source = PacedPicture.from_environment()


class Frame(Output):
    main_video: Video


class BenchSource(ReactorApp):
    def generate(self, _: object) -> Frame:
        return Frame(main_video=source.next())
