import io
import threading
import time
from datetime import UTC, datetime

import pytest
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from linli.kernel.errors import Refused
from linli.kernel.imaging import MOST_BYTES, Picture, take_in
from linli.kernel.imaging.exif import Notes, read_notes

from . import pictures
from .pictures import BLUE, RED, encoded, exif, jpeg, position, two_halves

KINDS = {
    "jpeg": jpeg(),
    "progressive": jpeg(progressive=True),
    "png": encoded(two_halves(), "PNG"),
    "webp": encoded(two_halves(), "WEBP"),
    "lossless webp": encoded(two_halves(), "WEBP", lossless=True),
    "heic": encoded(two_halves(), "heic", quality=90),
}


def shown(data):
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def near(colour, wanted):
    return all(abs(part - aim) < 40 for part, aim in zip(colour, wanted, strict=True))


@pytest.mark.parametrize("data", KINDS.values(), ids=KINDS.keys())
def test_every_kind_of_photo_comes_out_as_a_plain_jpeg(data):
    picture = take_in(data, "photo.bin")
    image, thumb = shown(picture.image), shown(picture.thumb)
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (64, 48))
    assert (picture.width, picture.height) == image.size
    assert thumb.format == "JPEG"
    assert near(image.getpixel((8, 24)), RED) and near(image.getpixel((56, 24)), BLUE)
    assert len(picture.sha256) == 64


@pytest.mark.parametrize(
    ("size", "image", "thumb"),
    [
        ((4000, 3000), (2000, 1500), (320, 240)),
        ((3000, 4000), (1500, 2000), (240, 320)),
        ((2600, 1300), (2048, 1024), (320, 160)),
        ((9000, 3), (2048, 1), (320, 1)),
        ((1, 1), (1, 1), (1, 1)),
    ],
)
def test_large_photos_are_made_smaller_and_small_ones_stay(size, image, thumb):
    for kind in ("JPEG", "PNG"):
        picture = take_in(encoded(Image.new("RGB", size, RED), kind))
        assert max(picture.width, picture.height) <= 2048
        assert shown(picture.thumb).size == thumb
        if kind == "JPEG":
            assert (picture.width, picture.height) == image


#: What a camera turned this way stores of `two_halves`, by EXIF orientation.
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize("orientation", STORED)
def test_photos_come_out_upright(orientation):
    image = two_halves()
    image.paste((240, 240, 60), (0, 0, 16, 16))
    stored = image.transpose(STORED[orientation]) if STORED[orientation] is not None else image
    picture = take_in(jpeg(stored, exif=exif(orientation)))
    upright = shown(picture.image)
    assert upright.size == (64, 48)
    assert near(upright.getpixel((6, 6)), (240, 240, 60))
    assert near(upright.getpixel((56, 24)), BLUE)


def test_an_upright_heic_is_not_turned_twice():
    stored = two_halves().transpose(Image.Transpose.ROTATE_90)
    data = encoded(stored, "heic", quality=95, exif=exif(6).tobytes())
    upright = shown(take_in(data).image)
    assert upright.size == (64, 48)
    assert near(upright.getpixel((8, 24)), RED)


def test_time_and_place_are_read():
    data = jpeg(exif=exif(taken="2026:02:13 17:00:05", gps=position(27.8274, 113.1339)))
    picture = take_in(data)
    assert picture.taken_at == datetime(2026, 2, 13, 9, 0, 5, tzinfo=UTC)
    assert (picture.lng, picture.lat) == (pytest.approx(113.1339, abs=1e-6), pytest.approx(27.8274, abs=1e-6))


def test_a_camera_with_its_own_zone_is_believed():
    assert take_in(jpeg(exif=exif(taken="2026:02:13 17:00:05", offset="+00:00"))).taken_at == datetime(
        2026, 2, 13, 17, 0, 5, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("gps", "lng_lat"),
    [
        (position(0, 0), (None, None)),
        ({1: "N", 2: (27.8274, 0, 0)}, (None, None)),
        ({1: "N", 2: (300.0, 0, 0), 3: "E", 4: (400.0, 0, 0)}, (None, None)),
        ({1: "E", 2: (113.5, 0.0, 0.0), 3: "N", 4: (27.5, 0.0, 0.0)}, (113.5, 27.5)),
        ({1: "N", 2: (113.5, 0.0, 0.0), 3: "E", 4: (27.5, 0.0, 0.0)}, (113.5, 27.5)),
        ({2: (27.5, 0.0, 0.0), 4: (113.5, 0.0, 0.0)}, (113.5, 27.5)),
        ({1: "S", 2: (33.5, 0.0, 0.0), 3: "W", 4: (70.5, 0.0, 0.0)}, (-70.5, -33.5)),
    ],
)
def test_broken_swapped_and_empty_positions_do_no_harm(gps, lng_lat):
    picture = take_in(jpeg(exif=exif(gps=gps)))
    assert (picture.lng, picture.lat) == lng_lat


@pytest.mark.parametrize("value", ["north", None, (), (float("nan"), 0, 0), (float("inf"),), b"north", {}])
def test_notes_of_the_wrong_kind_are_no_notes(value):
    class Opened:
        def getexif(self):
            notes = Image.Exif()
            notes._ifds[0x8825] = {1: value, 2: value, 3: value, 4: value}
            notes._ifds[0x8769] = {0x9003: value, 0x9011: value}
            notes[0x0112] = value
            return notes

    assert read_notes(Opened()) == Notes()


@pytest.mark.parametrize("taken", ["0000:00:00 00:00:00", "1970:01:01 00:00:00", "2026:13:45 99:99:99", "soon", ""])
def test_impossible_times_are_no_time(taken):
    assert take_in(jpeg(exif=exif(taken=taken))).taken_at is None


@given(st.binary(max_size=80))
@settings(max_examples=60, deadline=None)
def test_broken_exif_does_not_spoil_the_photo(notes):
    assert take_in(jpeg(exif=b"Exif\x00\x00" + notes)).width == 64


def test_nothing_of_the_metadata_survives():
    secret = b"zhang-san-was-here"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    notes = exif(taken="2026:02:13 17:00:05", gps=position(27.8, 113.1))
    notes[0x010E] = secret.decode()
    data = jpeg(exif=notes, comment=secret, icc_profile=profile, xmp=b"<x:xmpmeta>" + secret)
    data += b"<html><script>alert('" + secret + b"')</script>PK\x03\x04"
    picture = take_in(data)
    for kept in (picture.image, picture.thumb):
        assert secret not in kept and b"Exif" not in kept and b"script" not in kept
        assert not {"exif", "icc_profile", "comment", "xmp"} & shown(kept).info.keys()
        assert kept.endswith(b"\xff\xd9")


MODES = {
    "palette with transparency": encoded(
        Image.new("P", (40, 40), 0), "PNG", transparency=0
    ),
    "transparent": encoded(Image.new("RGBA", (40, 40), (0, 0, 0, 0)), "PNG"),
    "grey with alpha": encoded(Image.new("LA", (40, 40), (0, 0)), "PNG"),
    "one bit": encoded(Image.new("1", (40, 40), 1), "PNG"),
    "16-bit grey": encoded(Image.new("I;16", (40, 40), 65_535), "PNG"),
    "grey": jpeg(Image.new("L", (40, 40), 255)),
    "cmyk": encoded(Image.new("CMYK", (40, 40), (0, 0, 0, 0)), "JPEG"),
}  # fmt: skip


@pytest.mark.parametrize("data", MODES.values(), ids=MODES.keys())
def test_every_way_to_store_colours_is_understood_and_nothing_is_white(data):
    assert near(shown(take_in(data).image).getpixel((20, 20)), (255, 255, 255))


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
def test_of_an_animation_the_first_picture_is_taken(kind):
    frames = [Image.new("RGB", (40, 40), RED), Image.new("RGB", (40, 40), BLUE)]
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)
    assert near(shown(take_in(data).image).getpixel((20, 20)), RED)


HOSTILE = {
    "nothing": (b"", "photo_empty", "空文件"),
    "too big": (jpeg() + bytes(MOST_BYTES), "photo_too_big", "20 MB"),
    "png bomb": (pictures.png_bomb(), "photo_too_many_pixels", "60000×60000"),
    "jpeg bomb": (pictures.jpeg_claiming(65_000, 65_000), "photo_too_many_pixels", "65000×65000"),
    "webp bomb": (pictures.webp_claiming(16_383, 16_383), "photo_too_many_pixels", "16383"),
    "long strip": (pictures.jpeg_claiming(60_000, 1), "photo_too_many_pixels", "60000×1"),
    "endless scans": (pictures.jpeg_of_scans(500), "photo_broken", "损坏"),
    "gif": (encoded(two_halves(), "GIF"), "photo_kind", "GIF"),
    "tiff": (encoded(two_halves(), "TIFF"), "photo_kind", "TIFF"),
    "bmp": (encoded(two_halves(), "BMP"), "photo_kind", "BMP"),
    "pdf": (b"%PDF-1.7\n...", "photo_kind", "PDF"),
    "zip": (b"PK\x03\x04" + bytes(40), "photo_kind", "压缩包"),
    "svg": (b"<?xml version='1.0'?><svg onload='alert(1)'/>", "photo_kind", "SVG"),
    "html": (b"\xef\xbb\xbf <!DOCTYPE html><img src=x>", "photo_kind", "网页"),
    "html before a jpeg": (b"<html>" + jpeg(), "photo_kind", "网页"),
    "video": (b"\x00\x00\x00\x18ftypisom" + bytes(40), "photo_kind", "视频"),
    "program": (b"MZ\x90\x00" + bytes(40), "photo_kind", "程序"),
    "words": ("不是照片".encode(), "photo_kind", "文本"),
    "noise": (bytes(range(256)) * 4, "photo_kind", "不是能识别"),
    "jpeg in name only": (b"\xff\xd8\xff", "photo_broken", "损坏"),
    "png in name only": (b"\x89PNG\r\n\x1a\n", "photo_broken", "损坏"),
    "webp in name only": (b"RIFF\x04\x00\x00\x00WEBP", "photo_broken", "损坏"),
    "heic in name only": (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "photo_broken", "损坏"),
    "empty png": (pictures.png_bomb(0, 5), "photo_broken", "损坏"),
}


@pytest.mark.parametrize(("data", "code", "words"), HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_no_photo_is_refused_with_its_reason(data, code, words):
    with pytest.raises(Refused, match=words) as refusal:
        take_in(data, "IMG_1.jpg")
    assert (refusal.value.code, refusal.value.field) == (code, "photos")
    assert "IMG_1.jpg" in str(refusal.value)
    assert refusal.value.what_next


def test_refusals_speak_english_too():
    with override("en"), pytest.raises(Refused, match="not a photo") as refusal:
        take_in(b"%PDF-1.7", "IMG_1.jpg")
    assert refusal.value.what_next.isascii()


def test_the_name_of_a_file_is_neither_believed_nor_trusted():
    assert take_in(KINDS["png"], "evil.exe").width == 64
    with pytest.raises(Refused) as refusal:
        take_in(b"x", "../\x00\u202egpj" + "y" * 500)
    assert "\x00" not in str(refusal.value) and "\u202e" not in str(refusal.value)
    assert len(str(refusal.value)) < 200


@pytest.mark.parametrize("kind", KINDS)
@given(share=st.floats(0, 1))
@settings(max_examples=40, deadline=None)
def test_a_photo_cut_short_is_taken_or_refused(kind, share):
    only_a_picture_or_a_refusal(KINDS[kind][: int(len(KINDS[kind]) * share)])


@pytest.mark.parametrize("kind", KINDS)
@given(st.lists(st.tuples(st.floats(0, 0.9999), st.binary(min_size=1, max_size=8)), min_size=1, max_size=6))
@settings(max_examples=40, deadline=None)
def test_a_photo_with_changed_bytes_is_taken_or_refused(kind, changes):
    data = bytearray(KINDS[kind])
    for share, put in changes:
        at = int(len(data) * share)
        data[at : at + len(put)] = put
    only_a_picture_or_a_refusal(bytes(data))


def only_a_picture_or_a_refusal(data):
    try:
        picture = take_in(data, "photo")
    except Refused as refusal:
        assert refusal.code.startswith("photo_") and refusal.what_next
    else:
        assert isinstance(picture, Picture)
        assert shown(picture.image).size == (picture.width, picture.height)


def test_a_photo_missing_its_lower_half_is_refused():
    data = jpeg(Image.effect_noise((800, 600), 90))
    with pytest.raises(Refused) as refusal:
        take_in(data[: len(data) // 2], "half.jpg")
    assert refusal.value.code == "photo_broken"


def test_a_photo_of_twelve_megapixels_takes_less_than_half_a_second():
    noise = Image.effect_noise((504, 378), 80).resize((4032, 3024))
    data = jpeg(noise.convert("RGB"))
    best = min(_seconds(data) for _each in range(3))
    assert best < 0.4


def _seconds(data):
    start = time.perf_counter()
    take_in(data)
    return time.perf_counter() - start


def test_many_at_once_all_come_through():
    taken = []
    threads = [threading.Thread(target=lambda: taken.append(take_in(KINDS["heic"]))) for _each in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({picture.sha256 for picture in taken}) == 1 and len(taken) == 8
