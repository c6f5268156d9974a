import { networkInterfaces } from "node:os";

import { expect } from "chai";

import { CLOSED_IPV4 } from "../../../../src/gateway/closedBlocks.ts";
import { isOwn, isPublic } from "../../../../src/gateway/fetch/addresses.ts";

const notPublic: Readonly<Record<string, readonly string[]>> = {
  "this network": ["0.0.0.0", "0.1.2.3"],
  loopback: ["127.0.0.1", "127.255.255.254", "::1"],
  private: ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fd12:3456::1"],
  "carrier-grade NAT, and Alibaba's metadata": ["100.64.0.1", "100.127.255.255", "100.100.100.200"],
  "link-local, and clouds' metadata": ["169.254.0.1", "169.254.169.254", "fe80::1", "fe80::1%eth0", "febf::1"],
  "other clouds' metadata": ["fd00:ec2::254", "192.0.0.192", "168.63.129.16"],
  documentation: ["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"],
  benchmarking: ["198.18.0.1", "198.19.255.255", "2001:2::1"],
  multicast: ["224.0.0.1", "239.255.255.255", "ff02::1"],
  "reserved and broadcast": ["240.0.0.1", "255.255.255.255", "192.0.0.1", "192.88.99.1"],
  unspecified: ["::"],
  "IPv4 mapped": ["::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:7f00:1"],
  "IPv4 compatible": ["::127.0.0.1", "::8.8.8.8", "::7f00:1"],
  "IPv4 translated": ["::ffff:0:127.0.0.1", "::ffff:0:8.8.8.8"],
  NAT64: ["64:ff9b::127.0.0.1", "64:ff9b::808:808", "64:ff9b:1::a00:1"],
  "6to4": ["2002:7f00:1::", "2002:808:808::1"],
  Teredo: ["2001:0:53aa:64c:0:fbff:f5fe:1", "2001::1"],
  "ORCHID and other protocols": ["2001:10::1", "2001:20::1", "2001:30::1", "5f00::1", "100::1"],
  "site-local": ["fec0::1"],
  "never given out": ["4000::1", "8000::1", "0:1::1"],
  "no address": ["", "localhost", "1.2.3", "example.com", "1.2.3.4.5", "::1::"],
};

describe("Blocks that nothing may connect to", () => {
  it("are closed by the firewall and the network policy too where fetching refuses them", () => {
    expect(CLOSED_IPV4).to.include.members(["168.63.129.16/32", "192.88.99.0/24", "169.254.0.0/16"]);
    const first = CLOSED_IPV4.map((block) => block.replace(/\/\d+$/, ""));
    expect(first.filter(isPublic)).to.deep.equal([]);
  });
});

describe("Addresses that manifests are fetched from", () => {
  for (const [kind, addresses] of Object.entries(notPublic)) {
    it(`are never ${kind}`, () => {
      expect(addresses.filter(isPublic)).to.deep.equal([]);
    });
  }

  it("are those that anybody may have", () => {
    const addresses = ["8.8.8.8", "93.184.216.34", "172.32.0.1", "100.128.0.1", "2606:2800:220:1::1", "2a00:1450::1"];
    expect(addresses.filter((address) => !isPublic(address))).to.deep.equal([]);
  });

  it("tell this machine's own apart", () => {
    const own = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
    expect(own.filter((address) => !isOwn(address))).to.deep.equal([]);
    expect(isOwn("8.8.8.8")).to.equal(false);
    expect(isOwn("no address")).to.equal(false);
  });
});
