"""Writes pictures.json: small picture files in every format, and what Pillow sees in them.

    python3 tests/golden/make_pictures.py       (Pillow 13)

Each case has the bytes of a file and the pixels that are expected of it, row by row, in hexadecimal:
Pillow's own, turned by ImageOps.exif_transpose and laid on white by Image.alpha_composite, in mode L
where the file stores no colour and in mode RGB elsewhere. "within" is how far a value may be off:
0 where the format is exact, more for JPEG, whose decoders round differently.

The cases of "fit" have the size [height, width] that resize with BILINEAR brings the middle to.
Those of "luma" are colours, and the grey that convert("L") makes of them.
"""
import io
import json
import random
import struct
import zlib
from pathlib import Path

from PIL import Image, ImageOps

WIDTH, HEIGHT = 12, 10
EXIF_ORIENTATION = 0x0112


def colours(width=WIDTH, height=HEIGHT, seed=1):
    """A picture with slopes and grain, in which no two corners are alike."""
    rng = random.Random(seed)
    image = Image.new("RGB", (width, height))
    for y in range(height):
        for x in range(width):
            slope = (250 * x // width, 250 * y // height, 200 - 10 * x * y // width)
            image.putpixel((x, y), tuple(max(0, min(255, c + rng.randint(-20, 20))) for c in slope))
    return image


def smooth():
    """The same without grain, for formats that lose some."""
    return colours(3, 3).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)


def saved(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def raw_png(width, height, depth, kind, rows):
    """A PNG by hand: Pillow writes neither 16-bit colours nor grey of 2 or 4 bits."""
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    packed = zlib.compress(b"".join(b"\0" + row for row in rows))
    begin = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    return begin + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def seen(image):
    image = ImageOps.exif_transpose(image)
    if image.mode == "I;16":  # Pillow cuts it at 255; here all its values are v * 257.
        grey = bytes(v // 257 for (v,) in struct.iter_unpack("<H", image.tobytes()))
        return Image.frombytes("L", image.size, grey)
    grey = image.mode in ("1", "L", "LA")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("L" if grey else "RGB")


def case(name, file, within=0):
    image = seen(Image.open(io.BytesIO(file)))
    return {"name": name, "file": file.hex(), "size": [image.height, image.width],
            "channels": len(image.getbands()), "pixels": image.tobytes().hex(), "within": within}


def cases():
    full, soft = colours(), smooth()
    grey = full.convert("L")
    clear = full.copy()
    clear.putalpha(Image.linear_gradient("L").resize(full.size))
    half = Image.merge("LA", (grey, Image.linear_gradient("L").rotate(90).resize(full.size)))
    palette = full.quantize(16)
    yield case("png", saved(full, "PNG"))
    yield case("png grey", saved(grey, "PNG"))
    yield case("png of 1 bit", saved(grey.convert("1"), "PNG"))
    for depth in (2, 4):
        rows = [bytes([27 + 40 * y] * depth) for y in range(5)]
        yield case(f"png of {depth} bits", raw_png(8, 5, depth, 0, rows))
    values = [257 * v for v in (0, 1, 127, 128, 200, 254, 255)]
    yield case("png of 16 bits, grey", raw_png(7, 1, 16, 0, [struct.pack(">7H", *values)]))
    rows = [struct.pack(">21H", *(values + values[::-1] + values[2:] + values[:2]))]
    yield case("png of 16 bits, colour", raw_png(7, 1, 16, 2, rows))
    yield case("png with palette", saved(palette, "PNG"))
    yield case("png with palette, transparent", saved(palette, "PNG", transparency=3))
    yield case("png with alpha", saved(clear, "PNG"), within=1)
    yield case("png grey with alpha", saved(half, "PNG"), within=1)
    yield case("bmp", saved(full, "BMP"))
    yield case("bmp with palette", saved(palette, "BMP"))
    yield case("gif", saved(palette, "GIF"))
    frames = [colours(seed=2).quantize(16), colours(seed=3).quantize(16)]
    yield case("gif, animated", saved(palette, "GIF", save_all=True, append_images=frames))
    yield case("tiff", saved(full, "TIFF"))
    yield case("tiff, lzw", saved(grey, "TIFF", compression="tiff_lzw"))
    yield case("tiff in cmyk", saved(full.convert("CMYK"), "TIFF"), within=1)
    yield case("webp", saved(full, "WEBP", lossless=True))
    yield case("webp, animated", saved(full, "WEBP", lossless=True, save_all=True,
                                       append_images=[colours(seed=2)]))
    best = {"quality": 95, "subsampling": 0}
    yield case("jpeg", saved(soft, "JPEG", **best), within=3)
    yield case("jpeg, progressive", saved(soft, "JPEG", progressive=True, **best), within=3)
    yield case("jpeg grey", saved(soft.convert("L"), "JPEG", **best), within=2)
    yield case("jpeg in cmyk", saved(soft.convert("CMYK"), "JPEG", **best), within=3)
    for orientation in range(2, 9):
        exif = Image.Exif()
        exif[EXIF_ORIENTATION] = orientation
        file = saved(soft, "JPEG", exif=exif, **best)
        yield case(f"jpeg, turned {orientation}", file, within=3)
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = 6
    yield case("png, turned 6", saved(full, "PNG", exif=exif))


def fits():
    """What is cut out, left and top and right and bottom, is worked out by hand."""
    sizes = [("smaller", (24, 20), (2, 0, 22, 20), (8, 8)),
             ("wide", (24, 20), (0, 4, 24, 16), (8, 4)),
             ("high", (24, 20), (8, 0, 16, 20), (4, 10)),
             ("larger", (24, 20), (2, 0, 22, 20), (32, 32)),
             ("much smaller", (60, 40), (10, 0, 50, 40), (8, 8)),
             ("a line", (30, 2), (14, 0, 16, 2), (8, 8)),
             ("grey", (24, 20), (2, 0, 22, 20), (9, 9))]
    for name, (width, height), box, to in sizes:
        image = colours(width, height)
        image = image.convert("L") if name == "grey" else image
        fitted = image.crop(box).resize(to, Image.Resampling.BILINEAR)
        yield {"name": name, "file": saved(image, "PNG").hex(), "size": [to[1], to[0]],
               "channels": len(image.getbands()), "pixels": fitted.tobytes().hex(), "within": 1}


def main():
    rng = random.Random(7)
    luma = Image.frombytes("RGB", (20, 10), rng.randbytes(600))
    luma = {"colours": luma.tobytes().hex(), "grey": luma.convert("L").tobytes().hex()}
    lines = [f'"{name}": [\n' + ",\n".join(map(json.dumps, of)) + "\n]"
             for name, of in (("decode", cases()), ("fit", fits()))]
    text = "{" + ",\n".join([*lines, f'"luma": {json.dumps(luma)}']) + "}\n"
    Path(__file__).with_name("pictures.json").write_text(text)


if __name__ == "__main__":
    main()
