"""Taking in one photo: the only way a picture from outside gets into the house."""

import hashlib
import io
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from PIL import Image, ImageCms
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile
from pillow_heif import HeifImageFile

from linli.kernel.errors import Refused
from linli.kernel.imaging.exif import read_notes
from linli.kernel.imaging.headers import BadHeader, Header, other_kind, read_header

MOST_BYTES = 20 * 1024 * 1024
LONG_EDGE = 2048
THUMB_EDGE = 320
QUALITY = 82
THUMB_QUALITY = 76

#: Most pixels by kind. A JPEG of one scan is scaled while it is decoded and costs next to no memory; the
#: others are decoded whole and may take about 400 MB, which is why two at a time is all a process does.
MOST_PIXELS = {"jpeg": 120_000_000, "heic": 50_000_000, "png": 40_000_000, "webp": 25_000_000}
MOST_PIXELS_PROGRESSIVE = 50_000_000
LONGEST_SIDE = 30_000

#: A JPEG may be decoded at half, a quarter or an eighth of its size as long as this much is left.
_ENOUGH_EDGE = 1600

_OPENERS: dict[str, Callable[[io.BytesIO], ImageFile]] = {
    "jpeg": JpegImageFile,
    "png": PngImageFile,
    "webp": WebPImageFile,
    "heic": HeifImageFile,
}

_at_a_time = threading.BoundedSemaphore(2)
_SRGB = ImageCms.createProfile("sRGB")
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo as the house keeps it.

    image, thumb: JPEG, sRGB, upright, without any metadata; long edge at most 2048 and 320 pixels.
    width, height: of `image`. sha256: of `image`, in hex.
    taken_at (aware), lng, lat (WGS-84): what the camera noted, None when it noted nothing credible.
    """

    image: bytes
    thumb: bytes
    width: int
    height: int
    taken_at: datetime | None
    lng: float | None
    lat: float | None
    sha256: str


def take_in(data: bytes, filename: str = "") -> Picture:
    """Make a picture from outside safe: JPEG, PNG, WebP or HEIC of at most 20 MB, told by its content.

    Size in pixels is checked before anything is decoded. Of animations the first picture is taken. Whatever
    else the file carried (metadata, previews, appended files) does not survive. Raises `Refused` with what
    is wrong and what to do, and nothing else, whatever the bytes.
    """
    name = "".join(sign for sign in filename if sign.isprintable())[-60:] or _("照片")
    _check_bytes(data, name)
    try:
        header = read_header(data)
    except BadHeader:
        raise _broken(name) from None
    if header is None:
        raise _wrong_kind(other_kind(data), name)
    if header.width:
        _check_pixels(header, header.width, header.height, name)
    with _at_a_time:
        try:
            return _take_in(data, header, name)
        except Refused:
            raise
        except Exception as error:  # decoders raise a dozen kinds of errors on broken files
            raise _broken(name) from error


def _take_in(data: bytes, header: Header, name: str) -> Picture:
    with _OPENERS[header.kind](io.BytesIO(data)) as opened:
        _check_pixels(header, *opened.size, name)
        notes = read_notes(opened)
        profile = opened.info.get("icc_profile")
        if header.kind == "jpeg":
            width, height = opened.size
            long_edge = max(width, height)
            if long_edge > _ENOUGH_EDGE:
                enough = (
                    max(width * _ENOUGH_EDGE // long_edge, 1),
                    max(height * _ENOUGH_EDGE // long_edge, 1),
                )
                opened.draft(None, enough)
        # Loaded before it is scaled: scaling an unloaded HEIC would take the preview for the picture.
        opened.load()
        image = _plain_colours(_scaled(_scalable(opened), LONG_EDGE), profile)
    if notes.orientation in _TURNS:
        image = image.transpose(_TURNS[notes.orientation])
    image.info.clear()
    full = _encoded(image, QUALITY)
    thumb = _encoded(_scaled(image, THUMB_EDGE), THUMB_QUALITY)
    return Picture(
        full,
        thumb,
        image.width,
        image.height,
        notes.taken_at,
        notes.lng,
        notes.lat,
        hashlib.sha256(full).hexdigest(),
    )


def _scalable(image: Image.Image) -> Image.Image:
    """In a mode that can be scaled smoothly."""
    if image.mode in ("RGB", "RGBA", "L", "LA", "CMYK"):
        return image
    if image.mode.startswith("I"):  # 16-bit grey
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.mode in ("P", "PA") or "transparency" in image.info:
        return image.convert("RGBA")
    return image.convert("RGB")


def _scaled(image: Image.Image, long_edge: int) -> Image.Image:
    """No longer than `long_edge`, keeping its shape; never enlarged."""
    longest = max(image.size)
    if longest <= long_edge:
        return image
    width, height = (max(round(side * long_edge / longest), 1) for side in image.size)
    return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)


def _plain_colours(image: Image.Image, profile: bytes | None) -> Image.Image:
    """In sRGB on white."""
    if image.mode in ("RGBA", "LA"):
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        white.alpha_composite(image)
        image = white.convert("RGB")
    if profile and image.mode in ("RGB", "CMYK", "L"):
        converted = _to_srgb(image, profile)
        if converted is not None:
            return converted
    return image if image.mode == "RGB" else image.convert("RGB")


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image | None:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(source):
            return None
        return ImageCms.profileToProfile(image, source, _SRGB, outputMode="RGB")
    except Exception:  # a broken profile only costs exact colours
        return None


def _encoded(image: Image.Image, quality: int) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality, progressive=False, optimize=False)
    return file.getvalue()


def _check_bytes(data: bytes, name: str) -> None:
    if not data:
        raise Refused(
            _("“%(name)s”是空文件。") % {"name": name},
            "photo_empty",
            "photos",
            what_next=_("请重新拍摄或选择照片。"),
        )
    if len(data) > MOST_BYTES:
        raise Refused(
            _("“%(name)s”有 %(size)s MB，照片最大 20 MB。") % {"name": name, "size": f"{len(data) / 1024 / 1024:.1f}"},
            "photo_too_big",
            "photos",
            what_next=_("请用手机相机的普通画质重拍，或发送截图。"),
        )


def _check_pixels(header: Header, width: int, height: int, name: str) -> None:
    most = MOST_PIXELS_PROGRESSIVE if header.progressive else MOST_PIXELS[header.kind]
    if width * height > most or max(width, height) > LONGEST_SIDE:
        raise Refused(
            _("“%(name)s”有 %(width)s×%(height)s 像素，太大了，没有打开。")
            % {"name": name, "width": width, "height": height},
            "photo_too_many_pixels",
            "photos",
            what_next=_("请用手机相机的普通画质重拍，或发送截图。"),
        )


def _broken(name: str) -> Refused:
    return Refused(
        _("“%(name)s”已损坏或没有传完整，打不开。") % {"name": name},
        "photo_broken",
        "photos",
        what_next=_("请重新选择这张照片再传一次，或重新拍摄。"),
    )


def _wrong_kind(kind: str, name: str) -> Refused:
    what = {
        "gif": _("GIF 动图"),
        "pdf": _("PDF 文件"),
        "archive": _("压缩包或办公文档"),
        "document": _("办公文档"),
        "bmp": _("BMP 图片"),
        "tiff": _("TIFF 图片"),
        "avif": _("AVIF 图片"),
        "video": _("视频"),
        "program": _("程序"),
        "svg": _("SVG 矢量图"),
        "html": _("网页"),
        "text": _("文本"),
    }.get(kind)
    if what:
        message = _("“%(name)s”的内容是%(what)s，不是能接收的照片。") % {"name": name, "what": what}
    else:
        message = _("“%(name)s”不是能识别的照片。") % {"name": name}
    return Refused(
        message,
        "photo_kind",
        "photos",
        what_next=_("请上传 JPEG、PNG、WebP 或 HEIC 照片，也可以截图后上传。"),
    )
