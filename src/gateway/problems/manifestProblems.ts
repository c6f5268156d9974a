import type { ProblemTable } from "./problemType.ts";

/** Problems of manifests and their images. */
export const manifestProblems = {
  "manifest-url-refused": {
    status: 422,
    title: "The gateway does not fetch manifests from such a URL.",
    hint: "Give an https URL of a public host, without user and password, on port 443 or one above 1023.",
  },
  "manifest-address-refused": {
    status: 422,
    title: "The manifest's host is not on the public internet.",
    hint: "Put the manifest on a public web server, such as a raw file of a code host.",
  },
  "manifest-redirect-refused": {
    status: 422,
    title: "The manifest's server redirects in a way that the gateway does not follow.",
    hint: "Give the URL at which the file itself is.",
  },
  "manifest-unreachable": {
    status: 502,
    title: "The manifest could not be fetched.",
    hint: "See that the URL answers 200 with the file itself to anybody who asks, then try again.",
  },
  "manifest-timeout": {
    status: 504,
    title: "The manifest's server was too slow.",
    hint: "Try again, or put the manifest on a faster server.",
  },
  "manifest-too-large": {
    status: 413,
    title: "The manifest is too large.",
    hint: "A manifest has at most 64 KiB. Put large files into the image.",
  },
  "manifest-encoding-refused": {
    status: 422,
    title: "The manifest's server compressed it though it was asked not to.",
    hint: "Put the manifest on a server that sends files as they are when asked for `accept-encoding: identity`.",
  },
  "manifest-hash-mismatch": {
    status: 422,
    title: "The file at the URL is not the one that was asked for.",
    hint: "Take a URL whose contents do not change, or ask again with the SHA-256 of the file as it is now.",
  },
  "manifest-invalid": {
    status: 422,
    title: "The manifest cannot be deployed.",
    hint: "Correct what `errors` lists, each with its line; `app validate` checks a file without a gateway.",
  },
  "image-not-found": {
    status: 422,
    title: "An image of the manifest was not found.",
    hint: "Correct the names that `errors` lists; images must be public, or be on the provider's machine.",
  },
  "image-too-large": {
    status: 422,
    title: "The images of the manifest are too large.",
    hint: "Build them smaller than `detail` says, or put large files into a volume.",
  },
  "image-unavailable": {
    status: 502,
    title: "An image of the manifest cannot be fetched.",
    hint: "See that the registry that `errors` names gives the image to anybody, and deploy again; `app events` has each attempt.",
  },
} as const satisfies ProblemTable;
