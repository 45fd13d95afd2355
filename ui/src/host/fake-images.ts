/** Pictures of the invented program: kept as they come, by a name that says nothing. */
import { failure } from "./fake-base";
import { FakeFinding } from "./fake-finding";
import type { PlacedImage } from "./host";

export class FakeImages extends FakeFinding {
  /** Every picture that was put in. One that a test takes out has not come yet. */
  readonly images = new Map<string, Uint8Array>();
  /** The file that the author chooses; null: the question is closed. On the development page one is drawn. */
  chosen: Uint8Array | null | "drawn" = "drawn";

  async chooseImage(novel: string): Promise<PlacedImage | null> {
    const file = this.chosen === "drawn" ? await drawn() : this.chosen;
    return file && this.putImage(novel, file);
  }

  async putImage(_novel: string, bytes: Uint8Array): Promise<PlacedImage> {
    this.mustBeOpen();
    if (![0x89, 0xff, 0x47, 0x52].includes(bytes[0] ?? 0)) {
      throw failure(
        "other",
        "This is no PNG, JPEG, WebP or GIF, so it was not put in; nothing was changed; save it as one of these and try again.",
      );
    }
    const image = (this.images.size + 1).toString(16).padStart(64, "0");
    this.images.set(image, bytes);
    return { image, width: 12, height: 8 };
  }

  async image(_novel: string, image: string): Promise<Uint8Array> {
    this.mustBeOpen();
    const bytes = this.images.get(image);
    if (bytes) return bytes;
    throw failure(
      "not_found",
      "This picture is not on this laptop yet; the text around it is safe; it comes with a sync.",
    );
  }
}

/** Hills at dusk. */
async function drawn(): Promise<Uint8Array> {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [900, 560];
  const ink = canvas.getContext("2d");
  if (ink) {
    for (const [colour, top] of [
      ["#e9d9c4", 0],
      ["#c9b79c", 260],
      ["#8a7a66", 360],
      ["#4f4539", 450],
    ] as const) {
      ink.fillStyle = colour;
      ink.beginPath();
      ink.moveTo(0, 560);
      for (let x = 0; x <= 900; x += 10)
        ink.lineTo(x, top === 0 ? 0 : top + 40 * Math.sin(x / (60 + top / 4) + top));
      ink.lineTo(900, 560);
      ink.fill();
    }
  }
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  return new Uint8Array((await blob?.arrayBuffer()) ?? new ArrayBuffer(0));
}
