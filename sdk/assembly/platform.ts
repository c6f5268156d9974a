/** What the enclave gives a program to import, as it is; index.ts has it in the words of this language. */

export declare function tables(): i32;
export declare function rows(table: i32): i32;
export declare function columns(): i32;
export declare function parameterCount(name: usize, length: i32): i32;
export declare function parameter(name: usize, length: i32, index: i32): f64;
export declare function weights(): f64;
export declare function readWeights(offset: f64, count: i32, pointer: usize): void;
export declare function declare(values: i32, metrics: i32): void;
export declare function read(table: i32, row: i32, count: i32, pointer: usize): void;
export declare function leastRows(): i32;
export declare function write(values: usize, metrics: usize): void;
export declare function giveUp(reason: i32): void;
