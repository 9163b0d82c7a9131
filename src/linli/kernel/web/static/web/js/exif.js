// Time and place from a JPEG's EXIF, read before the photo is shrunk (shrinking drops them).
// Only the first 256 kB are read; anything unexpected gives nothing.
export async function readExif(file) {
  try {
    if (!/jpe?g$/i.test(file.type)) return {};
    const view = new DataView(await file.slice(0, 262144).arrayBuffer());
    if (view.getUint16(0) !== 0xffd8) return {};
    let at = 2;
    while (at + 4 < view.byteLength) {
      const marker = view.getUint16(at);
      const length = view.getUint16(at + 2);
      if (marker === 0xffe1 && view.getUint32(at + 4) === 0x45786966) return parse(view, at + 10);
      if ((marker & 0xff00) !== 0xff00 || marker === 0xffda) break;
      at += 2 + length;
    }
  } catch { /* a broken header is no reason to refuse a photo */ }
  return {};
}

function parse(view, start) {
  const little = view.getUint16(start) === 0x4949;
  const u16 = (at) => view.getUint16(at, little);
  const u32 = (at) => view.getUint32(at, little);
  const entries = (offset) => {
    const found = new Map();
    const count = u16(start + offset);
    for (let n = 0; n < count; n += 1) {
      const at = start + offset + 2 + n * 12;
      found.set(u16(at), { type: u16(at + 2), count: u32(at + 4), at: at + 8 });
    }
    return found;
  };
  const text = (entry) => {
    const from = entry.count > 4 ? start + u32(entry.at) : entry.at;
    return Array.from({ length: entry.count - 1 }, (_, n) => String.fromCharCode(view.getUint8(from + n))).join("");
  };
  const degrees = (entry) => {
    const from = start + u32(entry.at);
    const part = (n) => u32(from + n * 8) / (u32(from + n * 8 + 4) || 1);
    return part(0) + part(1) / 60 + part(2) / 3600;
  };
  const root = entries(u32(start + 4));
  const found = {};
  if (root.has(0x8769)) {
    const exif = entries(u32(root.get(0x8769).at));
    if (exif.has(0x9003)) {
      const [, y, m, d, rest] = text(exif.get(0x9003)).match(/^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)$/) ?? [];
      if (y) found.taken_at = `${y}-${m}-${d}T${rest}${exif.has(0x9011) ? text(exif.get(0x9011)) : ""}`;
    }
  }
  if (root.has(0x8825)) {
    const gps = entries(u32(root.get(0x8825).at));
    if (gps.has(2) && gps.has(4)) {
      const lat = degrees(gps.get(2)) * (gps.has(1) && text(gps.get(1)) === "S" ? -1 : 1);
      const lng = degrees(gps.get(4)) * (gps.has(3) && text(gps.get(3)) === "W" ? -1 : 1);
      if ((lat || lng) && Math.abs(lat) <= 90 && Math.abs(lng) <= 180) Object.assign(found, { lng: lng.toFixed(7), lat: lat.toFixed(7) });
    }
  }
  return found;
}
