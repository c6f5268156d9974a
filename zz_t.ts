import { network } from "hardhat";
import { readFileSync } from "node:fs";
const c = await network.create(); const { ethers } = c;
const h: any = await ethers.deployContract("JsonHarness");
import { signedDocumentOf } from "/work/wt/json/src/sgx/signedJson.ts";
const x=Buffer.from(signedDocumentOf(readFileSync("/work/shared/dcap/"+(process.env.P??"v3-sgx-00606a-platform/tcbinfo.json"), "utf8"), "tcbInfo").text);
const data=h.interface.encodeFunctionData("gasOfTcbInfo",[x]);
const r:any = await c.provider.request({method:"debug_traceCall",params:[{to:await h.getAddress(),data,gas:"0xf00000"},"latest",{disableStorage:true,disableMemory:true,disableStack:true}]});
const logs=r.structLogs; console.log(logs.length, r.gas);
const m=new Map(), pc=new Map(); for(const l of logs){const k=l.op; const e=m.get(k)??[0,0]; e[0]++; e[1]+=Number(l.gasCost); m.set(k,e); const q=pc.get(l.pc)??[0,0,l.op]; q[0]++; q[1]+=Number(l.gasCost); pc.set(l.pc,q);}
console.log([...m].sort((a:any,b:any)=>b[1][1]-a[1][1]).slice(0,22).map((a:any)=>a.join(":")).join("  "));
// basic blocks: group consecutive pcs by JUMPDEST
const pcs=[...pc].sort((a:any,b:any)=>a[0]-b[0]); let blocks:any[]=[]; for(const [p,[n,g,op]] of pcs as any){ if(op==="JUMPDEST"||!blocks.length||blocks.at(-1).n!==n) blocks.push({p,n,g:0,ops:0}); const b=blocks.at(-1); b.g+=g; b.ops++; }
console.log(blocks.sort((a,b)=>b.g-a.g).slice(0,40).map(b=>`${b.p}: n=${b.n} gas=${b.g} ops=${b.ops} each=${b.g/b.n}`).join("\n"));
