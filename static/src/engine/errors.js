// Errors that a person may see: a fixed code, a status, one sentence. Mirrors sealpost/errors.py.

export class SealpostError extends Error {
  constructor(code, status, sentence, members = {}) {
    super(sentence);
    this.name = "SealpostError";
    this.code = code;
    this.status = status;
    this.sentence = sentence;
    this.members = members;
  }
}

// The one answer to every failure to open, verify or authenticate.
export class DecryptionError extends SealpostError {
  constructor() {
    super(
      "decryption_failed",
      400,
      "These bytes could not be opened: the key is another one, or they were altered. Nothing was released.",
    );
  }
}

export class KdfRefused extends SealpostError {
  constructor() {
    super(
      "kdf_refused",
      400,
      "The server asked for a password derivation that is too weak or too costly, so nothing was sent. " +
        "Check the server's address, and tell its operator.",
    );
  }
}

export const encodingInvalid = () =>
  new SealpostError("encoding_invalid", 400, "A field is not base64url of the expected length. Nothing was changed.");
