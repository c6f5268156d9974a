/**
 * Shows a provider serving a paying user, with everything real but the SGX processor: a chain, a gateway, a container engine, an
 * application from a URL. What it prints are the commands of docs/gateway.md and what each says. It needs root, podman and the packages
 * beside it, and leaves nothing behind.
 *
 * Usage: node scripts/demo-app.ts [--image REFERENCE, of one with /bin/busybox; made of this machine's busybox if left out]
 */
import { parseArgs, styleText } from "node:util";

import { HDNodeWallet, Mnemonic, randomBytes } from "ethers";

import { makeImage, removeImage } from "./demoApp/image.ts";
import { Project } from "./demoApp/project.ts";
import { openSite } from "./demoApp/site.ts";
import { play } from "./demoApp/story.ts";
import { freePort } from "../test/fixtures/freePort.ts";

const { values } = parseArgs({ options: { image: { type: "string" } } });

const bold = (text: string): string => styleText("bold", text, { stream: process.stdout });
const dim = (text: string): string => styleText("dim", text, { stream: process.stdout });
const localOrigin = async (): Promise<string> => `http://127.0.0.1:${String(await freePort())}`;

async function main(): Promise<void> {
  const began = performance.now();
  const image = values.image ?? makeImage();
  const [site, chain, origin] = [await openSite(image), await localOrigin(), await localOrigin()];
  // Accounts of its own: the gateway and what it makes are then named unlike those of a devnet that runs already.
  const phrase = Mnemonic.fromEntropy(randomBytes(16)).phrase;
  const providerKey = HDNodeWallet.fromPhrase(phrase, "", "m/44'/60'/0'/0/4").privateKey;
  const project = new Project(phrase, chain, {
    command: (line) => {
      console.log(`\n$ ${line}`);
    },
    result: (text) => {
      console.log(dim(text.trimEnd()));
    },
  });
  const stage = {
    ...{ project, chain, origin, providerKey, manifest: site.url, image },
    title: (text: string) => {
      console.log(`\n${bold(`== ${text}`)}`);
    },
    say: (text: string) => {
      console.log(bold(text));
    },
  };
  const interrupted = new Promise<never>((_, reject) => {
    process.once("SIGINT", () => {
      reject(new Error("Stopped by Ctrl-C."));
    });
  });
  try {
    await Promise.race([play(stage), interrupted]);
    console.log(`\n${bold(`All of it took ${((performance.now() - began) / 1_000).toFixed(0)} s.`)}`);
  } finally {
    site.close();
    await project.close();
    if (values.image === undefined) removeImage();
  }
}

await main().catch((error: unknown) => {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
