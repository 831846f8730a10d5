// HPKE single-shot base mode (RFC 9180), suite 1 of docs/protocol.md, section 6. Mirrors sealpost/crypto/hpke.py.

import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from "@hpke/core";

import { DecryptionError } from "../errors.js";
import { concat } from "./encoding.js";

const ENC = 32;
const suite = () =>
  new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });

export async function hpkeSeal(publicKey, plaintext, { info }) {
  const hpke = suite();
  const recipientPublicKey = await hpke.kem.deserializePublicKey(publicKey);
  const { ct, enc } = await hpke.seal({ recipientPublicKey, info }, plaintext);
  return concat(new Uint8Array(enc), new Uint8Array(ct));
}

export async function hpkeOpen(privateKey, sealed, { info }) {
  const hpke = suite();
  try {
    const recipientKey = await hpke.kem.deserializePrivateKey(privateKey);
    return new Uint8Array(await hpke.open({ recipientKey, enc: sealed.slice(0, ENC), info }, sealed.slice(ENC)));
  } catch {
    throw new DecryptionError();
  }
}
