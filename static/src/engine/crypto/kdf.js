// Root keys (docs/protocol.md, section 2). Mirrors sealpost/crypto/kdf.py.

import { argon2id } from "hash-wasm";

import { KdfRefused } from "../errors.js";
import { utf8 } from "./encoding.js";
import { hkdf, label } from "./hkdf.js";

export const SALT = 16;
export const ROOT = 32;
export const PASSWORD = Object.freeze({ suite: 1, m: 65536, t: 3, p: 4 });
export const SECRET = Object.freeze({ suite: 0, m: 0, t: 0, p: 0 });

const within = (number, least, most) => Number.isInteger(number) && number >= least && number <= most;

export function parametersCheck({ suite, m, t, p }, pinnedSuite) {
  if (suite !== pinnedSuite) throw new KdfRefused();
  if (suite === 0 && m === 0 && t === 0 && p === 0) return;
  const bounded = within(m, 46 * 1024, 256 * 1024) && within(t, 2, 10) && within(p, 1, 16);
  if (suite !== 1 || !bounded) throw new KdfRefused();
}

export async function passwordRoot(password, { salt, parameters }) {
  parametersCheck(parameters, 1);
  return argon2id({
    password: utf8(password.normalize("NFC")),
    salt,
    iterations: parameters.t,
    memorySize: parameters.m,
    parallelism: parameters.p,
    hashLength: ROOT,
    outputType: "binary",
  });
}

export async function secretRoot(secret, { salt, parameters }) {
  parametersCheck(parameters, 0);
  return hkdf(secret, { salt, info: label("suite0"), length: ROOT });
}

export const loginNormalise = (login) => login.trim().normalize("NFC").toLowerCase();
