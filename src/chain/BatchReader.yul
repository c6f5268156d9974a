// Makes many calls in one `eth_call` that creates a contract: this is its creation code, and what it returns as the new contract's code are
// the answers. Nothing is deployed before or after, so it works on every chain and at every block. `batchProgram.ts` holds it compiled.
//
// Behind the code: for each call the address (20 bytes), the length of its data (2 bytes), and the data.
// The answer: a zero byte, since code must not begin with 0xEF; then for each call made, 4 bytes and what it returned. The 4 bytes are 0 for
// a call that failed, else 1 and the length of what it returned. It ends early where the answer would exceed the 24,576 bytes that code may
// have, or the gas would not do for paying 200 for each of its bytes.
object "BatchReader" {
  code {
    let at := datasize("BatchReader")
    let out := 0x10001
    for {} lt(at, codesize()) {} {
      codecopy(0, at, 22)
      let head := mload(0)
      let length := and(shr(80, head), 0xffff)
      codecopy(32, add(at, 22), length)
      let ok := staticcall(gas(), shr(96, head), 32, length, 0, 0)
      let size := mul(ok, returndatasize())
      let next := add(out, add(size, 4))
      if or(gt(next, 0x16000), lt(gas(), add(50000, mul(sub(next, 0x10000), 220)))) { break }
      mstore(out, shl(224, add(ok, size)))
      returndatacopy(add(out, 4), 0, size)
      out := next
      at := add(at, add(22, length))
    }
    return(0x10000, sub(out, 0x10000))
  }
}
