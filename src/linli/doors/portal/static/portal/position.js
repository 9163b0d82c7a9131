// Asks the phone once where it is. Exact within seconds or not at all: a person waits for it.
export function locate() {
  return new Promise((found, failed) => {
    if (!navigator.geolocation) { failed(new Error("none")); return; }
    navigator.geolocation.getCurrentPosition(({ coords }) => found(coords), failed, { enableHighAccuracy: true, timeout: 12000, maximumAge: 60000 });
  });
}
