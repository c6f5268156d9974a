import { expect } from "chai";

import { clientKey, TrustedProxies } from "../../../../src/gateway/http/addresses.ts";
import { isLoopback } from "../../../../src/gateway/ipAddress.ts";
import { InputError } from "../../../../src/inputError.ts";

describe("Clients' addresses", () => {
  const trusted = new TrustedProxies(["10.0.0.0/8", "127.0.0.1", "fd00::/8"]);

  it("are the connection's where it comes from no trusted proxy, whatever a header says", () => {
    expect(trusted.clientOf("203.0.113.9", "198.51.100.1")).to.equal("203.0.113.9");
    expect(new TrustedProxies([]).clientOf("127.0.0.1", "198.51.100.1")).to.equal("127.0.0.1");
    expect(trusted.clientOf("203.0.113.9", undefined)).to.equal("203.0.113.9");
  });

  it("are the last that is no trusted proxy, since anybody writes what stands before it", () => {
    expect(trusted.clientOf("10.0.0.1", "198.51.100.1")).to.equal("198.51.100.1");
    expect(trusted.clientOf("10.0.0.1", "127.0.0.1, 198.51.100.1, 10.9.9.9")).to.equal("198.51.100.1");
    expect(trusted.clientOf("fd00::1", "2001:db8::5")).to.equal("2001:db8::5");
    expect(trusted.clientOf("::ffff:10.0.0.1", "198.51.100.1")).to.equal("198.51.100.1");
  });

  it("end where the header is no address", () => {
    for (const text of ["", "unknown", "198.51.100.1, 0x7f.1", "2130706433", "198.51.100.1:80", "1.2.3"]) {
      expect(trusted.clientOf("10.0.0.1", text), text).to.equal("10.0.0.1");
    }
  });

  it("are counted by the address, of IPv6 by the half that one customer has", () => {
    expect(clientKey("198.51.100.1")).to.equal("198.51.100.1");
    expect(clientKey("::ffff:198.51.100.1")).to.equal("198.51.100.1");
    expect(clientKey("2001:db8:1:2:3:4:5:6")).to.equal(clientKey("2001:db8:1:2::9"));
    expect(clientKey("2001:db8:1:2::9")).to.not.equal(clientKey("2001:db8:1:3::9"));
    expect(clientKey("")).to.equal("unknown");
  });

  it("are the machine's own in every form of it, and in no form that is not an address", () => {
    for (const address of ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
      expect(isLoopback(address)).to.equal(true);
    for (const address of ["10.0.0.1", "localhost", "", "0.0.0.0", "0x7f000001", "127.1"]) {
      expect(isLoopback(address), address).to.equal(false);
    }
  });

  it("of proxies are refused where they are none", () => {
    for (const text of ["proxy.example", "10.0.0.0/33", ""]) {
      expect(() => new TrustedProxies([text]), text).to.throw(InputError);
    }
  });
});
