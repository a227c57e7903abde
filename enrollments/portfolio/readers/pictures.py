"""Photos: decoded fully and written again, as every photo of the project is."""

from io import BytesIO
from typing import IO

from PIL import Image
from pillow_heif import options, register_heif_opener

from enrollments.portfolio.readers.faults import CannotRead, FileFault
from enrollments.portfolio.readers.finding import Finding
from home.files import pixels

FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
options.DECODE_THREADS = 1  # each thread would reserve memory of its own
register_heif_opener(thumbnails=False)
BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)


def read(file: IO[bytes]) -> Finding:
    """Return the picture upright, without metadata, of 12 megapixels at most; the first frame of several."""
    if file.seek(0, 2) > pixels.MOST_BYTES:
        raise CannotRead(FileFault.PHOTO_TOO_LARGE)
    file.seek(0)
    try:
        image = Image.open(BytesIO(file.read()), formats=FORMATS)
    except BOMBS as fault:
        raise CannotRead(FileFault.PHOTO_TOO_LARGE) from fault
    except MemoryError:
        raise
    except Exception as fault:
        raise CannotRead(FileFault.DAMAGED) from fault
    if image.width * image.height > pixels.MOST_PIXELS:
        raise CannotRead(FileFault.PHOTO_TOO_LARGE)
    as_png = image.format == "PNG"
    try:
        upright = pixels.decoded(image)
        image.close()
        size = upright.size
        clean, ending = pixels.written(upright, as_png=as_png)
    except MemoryError:
        raise
    except Exception as fault:
        raise CannotRead(FileFault.DAMAGED) from fault
    return Finding("picture", ending.removeprefix("."), {"width": size[0], "height": size[1]}, clean)
