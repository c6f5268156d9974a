import { messageOf } from "../errors.ts";
import { type Adapter, type WebGpuModule } from "./api.ts";

/** A device that the driver offers. */
export interface AdapterDescription {
  /** What it is opened by. */
  readonly name: string;
  /** What it is, and its driver, for people. */
  readonly description: string;
  /** Whether a processor only pretends to be a GPU. */
  readonly isSoftware: boolean;
  /** How many others cannot be opened because their name is the same, or part of this one. */
  readonly alike: number;
}

/** A name that no adapter has. */
const NOBODY = "none of all these";

/**
 * The names that open an adapter each. A name opens the first adapter whose name contains it, so of several with one name only
 * the first can be opened, and one is out of reach whose name is part of an earlier one's.
 *
 * @param names Of all adapters, as the driver lists them.
 */
export function namesThatOpen(names: readonly string[]): { readonly name: string; readonly alike: number }[] {
  const opened = (name: string): string | undefined => names.find((each) => each.includes(name));
  return names
    .filter((name, index) => names.indexOf(name) === index && opened(name) === name)
    .map((name) => ({ name, alike: names.filter((each) => opened(each) === name).length - 1 }));
}

/** All adapters that can be opened. */
export async function listAdapters(module: WebGpuModule): Promise<AdapterDescription[]> {
  const described = await Promise.all(
    namesThatOpen(await adapterNames(module)).map(async ({ name, alike }) => {
      const adapter = await openAdapter(module, name);
      if (adapter === null) return [];
      const { description, device, isFallbackAdapter } = adapter.info;
      return [{ name, description: description === "" ? device : description, isSoftware: isFallbackAdapter, alike }];
    }),
  );
  return described.flat();
}

/** What adapters and devices came from: they die with it. */
const origins: object[] = [];

/** Opens the first adapter whose name contains a name; null where there is none at all. */
export async function openAdapter(module: WebGpuModule, name: string): Promise<Adapter | null> {
  const origin = module.create([`adapter=${name}`]);
  origins.push(origin);
  return origin.requestAdapter();
}

/** There is no call for it: whoever asks for an adapter that is not there is told which there are. */
async function adapterNames(module: WebGpuModule): Promise<string[]> {
  try {
    await openAdapter(module, NOBODY);
    return [];
  } catch (error) {
    return namesIn(messageOf(error));
  }
}

/** The names in a refusal's text, which has one adapter a line. */
export function namesIn(refusal: string): string[] {
  return [...refusal.matchAll(/^ \* backend: '[^']*', name: '(.*)'$/gm)].map(([, name = ""]) => name);
}
