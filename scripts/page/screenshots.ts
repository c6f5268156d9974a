import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Page } from "playwright-core";

import { toPng, type Picture } from "./palette.ts";
import type { TestBrowser } from "../../test/fixtures/page/browser.ts";
import { visit } from "../../test/fixtures/page/looking.ts";

/** The most bytes of a picture. */
export const MOST_BYTES = 120_000;

const WIDTHS = { desktop: { width: 1_280, height: 900 }, phone: { width: 390, height: 844 } } as const;

/** What is shown, of each place at a desktop and a phone once, and of each width light and dark. */
const SHOTS = [
  ["market", "desktop", "light"],
  ["node", "desktop", "light"],
  ["order", "desktop", "dark"],
  ["network", "desktop", "dark"],
  ["market", "phone", "light"],
  ["node", "phone", "dark"],
  ["order", "phone", "light"],
  ["network", "phone", "dark"],
] as const;

type Place = (typeof SHOTS)[number][0];

/** What the page looks like now. */
async function pictureOf(page: Page): Promise<Picture> {
  const png = (await page.screenshot({ animations: "disabled" })).toString("base64");
  const blank = await page.context().newPage();
  try {
    const { width, height, text } = await blank.evaluate<{
      width: number;
      height: number;
      text: string;
    }>(`(async () => {
      const image = new Image();
      image.src = "data:image/png;base64,${png}";
      await image.decode();
      const [width, height] = [image.width, image.height];
      const canvas = new OffscreenCanvas(width, height).getContext("2d");
      canvas.drawImage(image, 0, 0);
      const bytes = canvas.getImageData(0, 0, width, height).data;
      let text = "";
      for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
      return { width, height, text: btoa(text) };
    })()`);
    return { width, height, pixels: Buffer.from(text, "base64") };
  } finally {
    await blank.close();
  }
}

/**
 * Takes pictures of the page for the documents.
 *
 * @param placeOf Where each is taken, such as `node/3`.
 * @returns Bytes by the name of each file.
 */
export async function takeScreenshots(
  browser: TestBrowser,
  url: string,
  placeOf: Readonly<Record<Place, string>>,
  folder: string,
): Promise<Record<string, number>> {
  mkdirSync(folder, { recursive: true });
  const sizes: Record<string, number> = {};
  for (const [place, device, colorScheme] of SHOTS) {
    const page = await browser.open({ ...WIDTHS[device], colorScheme });
    await visit(page, url, placeOf[place]);
    const png = toPng(await pictureOf(page));
    const name = `page-${place}-${device}.png`;
    writeFileSync(join(folder, name), png);
    sizes[name] = png.length;
    await page.context().close();
  }
  return sizes;
}
