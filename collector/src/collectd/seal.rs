//! Signatures and encryption of whole datagrams: what is let in, and as whose.

use aes::Aes256Enc;
use aes::cipher::{Block, BlockEncrypt};
use ring::{digest, hmac};
use subtle::ConstantTimeEq;

use super::packet::{HEADER, split};
use super::users::Keys;

/// Kinds of the part that a sealed datagram begins with.
pub(super) const SIGNED: u16 = 0x0200;
pub(super) const ENCRYPTED: u16 = 0x0210;

const MAC_BYTES: usize = 32;
const IV_BYTES: usize = 16;
const SHA1_BYTES: usize = 20;

/// What a datagram must be to be let in; collectd's `SecurityLevel`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Security {
    /// All are; those that are signed or encrypted are checked where there are users.
    #[default]
    None,
    /// Those that are signed or encrypted.
    Sign,
    /// Those that are encrypted.
    Encrypt,
}

/// Why a datagram is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Neither signed nor encrypted.
    #[error("it is not signed, and `security: sign` asks for that")]
    Unsigned,
    /// Not encrypted.
    #[error("it is not encrypted, and `security: encrypt` asks for that")]
    Unencrypted,
    /// Its user has no line in the file.
    #[error("its user is not in the file of users")]
    UnknownUser,
    /// Its password is not that of the file, or it was changed on its way.
    #[error("its password is not that of its user in the file of users")]
    WrongPassword,
    /// Nothing that collectd sends.
    #[error("it is not a datagram of collectd's, or was cut on its way (collectd's MaxPacketSize)")]
    Malformed,
}

/// What a datagram holds once its seal is checked and taken off. Decrypts in place.
pub(super) fn open<'a>(datagram: &'a mut [u8], security: Security, keys: &Keys) -> Result<&'a [u8], Refusal> {
    let (kind, ..) = split(datagram).ok_or(Refusal::Malformed)?;
    match (kind, security) {
        (ENCRYPTED, _) => decrypt(datagram, keys),
        (_, Security::Encrypt) => Err(Refusal::Unencrypted),
        // The signature is passed over like any part that is not looked at.
        (SIGNED, Security::None) if keys.is_empty() => Ok(datagram),
        (SIGNED, _) => verify(datagram, keys),
        (_, Security::Sign) => Err(Refusal::Unsigned),
        (_, Security::None) => Ok(datagram),
    }
}

/// The MAC is of the user's name and all that follows the part.
fn verify<'a>(datagram: &'a [u8], keys: &Keys) -> Result<&'a [u8], Refusal> {
    let (_, body, rest) = split(datagram).ok_or(Refusal::Malformed)?;
    let (mac, user) = body.split_at_checked(MAC_BYTES).ok_or(Refusal::Malformed)?;
    let signed = datagram.get(HEADER + MAC_BYTES..).ok_or(Refusal::Malformed)?;
    let key = keys.get(user).ok_or(Refusal::UnknownUser)?;
    // Takes the same time wherever the two differ.
    hmac::verify(&key.signature, signed, mac).map(|()| rest).map_err(|_| Refusal::WrongPassword)
}

/// The part is the whole datagram: the length of the user's name, the name, an initialisation vector, and encrypted a SHA-1
/// of the content and the content.
fn decrypt<'a>(datagram: &'a mut [u8], keys: &Keys) -> Result<&'a [u8], Refusal> {
    let (_, body, rest) = split(datagram).ok_or(Refusal::Malformed)?;
    let n_name = body.first_chunk::<2>().map_or(0, |length| usize::from(u16::from_be_bytes(*length)));
    if n_name == 0 || !rest.is_empty() {
        return Err(Refusal::Malformed);
    }
    let (head, sealed) = datagram.split_at_mut_checked(HEADER + 2 + n_name + IV_BYTES).ok_or(Refusal::Malformed)?;
    let (user, iv) = head.split_at_checked(HEADER + 2 + n_name).ok_or(Refusal::Malformed)?;
    let (user, iv) = (user.get(HEADER + 2..).unwrap_or_default(), iv.first_chunk().ok_or(Refusal::Malformed)?);
    let key = keys.get(user).ok_or(Refusal::UnknownUser)?;
    output_feedback(&key.cipher, *iv, sealed);
    let (sum, content) = sealed.split_at_checked(SHA1_BYTES).ok_or(Refusal::Malformed)?;
    let found = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, content);
    let is_same = bool::from(found.as_ref().ct_eq(sum));
    is_same.then_some(content).ok_or(Refusal::WrongPassword)
}

/// AES-256 in the mode OFB, which is its own reverse: the vector is encrypted again and again, and laid over the text.
pub(super) fn output_feedback(cipher: &Aes256Enc, iv: [u8; IV_BYTES], text: &mut [u8]) {
    let mut block: Block<Aes256Enc> = iv.into();
    for piece in text.chunks_mut(IV_BYTES) {
        cipher.encrypt_block(&mut block);
        piece.iter_mut().zip(block).for_each(|(byte, key)| *byte ^= key);
    }
}

#[cfg(test)]
mod tests {
    use aes::cipher::KeyInit;
    use proptest::prelude::*;

    use super::super::users::Users;
    use super::super::written::{Packet, encrypt, sign};
    use super::*;

    const CONTENT: &[u8] = b"\x00\x00\x00\x0anode1\0";

    fn keys() -> Keys {
        Keys::of(&Users::parse("node1: one\nnode2: two").unwrap())
    }

    #[track_caller]
    fn check(mut datagram: Vec<u8>, expected: [Result<&[u8], Refusal>; 3]) {
        for (security, expected) in [Security::None, Security::Sign, Security::Encrypt].into_iter().zip(expected) {
            let mut copy = datagram.clone();
            assert_eq!(open(&mut copy, security, &keys()), expected, "{security:?}");
        }
        // A byte that was changed on the way is seen in all that is sealed.
        *datagram.last_mut().unwrap() ^= 1;
        let is_sealed = expected[0] == Ok(CONTENT) && datagram.len() > CONTENT.len();
        assert!(!is_sealed || open(&mut datagram, Security::None, &keys()) == Err(Refusal::WrongPassword));
    }

    #[test]
    fn plain_signed_and_encrypted_are_let_in_by_the_level() {
        let ok = Ok(CONTENT);
        check(CONTENT.to_vec(), [ok, Err(Refusal::Unsigned), Err(Refusal::Unencrypted)]);
        check(sign(CONTENT, "node1", "one"), [ok, ok, Err(Refusal::Unencrypted)]);
        check(encrypt(CONTENT, "node2", "two"), [ok, ok, ok]);
    }

    #[test]
    fn wrong_passwords_and_unknown_users_are_refused_at_every_level() {
        let (wrong, unknown) = (Err(Refusal::WrongPassword), Err(Refusal::UnknownUser));
        check(sign(CONTENT, "node1", "two"), [wrong, wrong, Err(Refusal::Unencrypted)]);
        check(sign(CONTENT, "node3", "one"), [unknown, unknown, Err(Refusal::Unencrypted)]);
        check(encrypt(CONTENT, "node1", "two"), [wrong, wrong, wrong]);
        check(encrypt(CONTENT, "node3", "two"), [unknown, unknown, unknown]);
    }

    #[test]
    fn without_users_a_signature_is_not_looked_at_and_nothing_can_be_decrypted() {
        let nobody = Keys::of(&Users::default());
        let mut signed = sign(CONTENT, "node1", "one");
        assert_eq!(open(&mut signed.clone(), Security::None, &nobody), Ok(&signed[..]));
        assert_eq!(open(&mut signed, Security::Sign, &nobody), Err(Refusal::UnknownUser));
        assert_eq!(open(&mut encrypt(CONTENT, "node1", "one"), Security::None, &nobody), Err(Refusal::UnknownUser));
    }

    #[test]
    fn what_was_cut_is_refused() {
        let longer = [encrypt(CONTENT, "node1", "one"), CONTENT.to_vec()].concat();
        check(longer, [Err(Refusal::Malformed); 3]);
        for sealed in [sign(CONTENT, "node1", "one"), encrypt(CONTENT, "node1", "one")] {
            for length in 0..sealed.len() {
                assert!(open(&mut sealed[..length].to_vec(), Security::Sign, &keys()).is_err(), "cut at {length}");
            }
        }
    }

    /// NIST SP 800-38A, F.4.5: OFB-AES256.
    #[test]
    fn the_cipher_is_that_of_the_standard() {
        let hex =
            |text: &str| -> Vec<u8> { (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect() };
        let key = hex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");
        let mut text = hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");
        let iv = std::array::from_fn(|at| at as u8);
        output_feedback(&Aes256Enc::new_from_slice(&key).unwrap(), iv, &mut text);
        assert_eq!(text, hex("dc7e84bfda79164b7ecd8486985d38604febdc6740d20b3ac88f6ad82a4fb08d"));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(kind in prop::sample::select(vec![0, SIGNED, ENCRYPTED]), body: Vec<u8>, after: Vec<u8>) {
            let mut datagram = [Packet::default().part(kind, &body).0, after].concat();
            let _ = open(&mut datagram, Security::None, &keys());
        }

        #[test]
        fn what_is_sealed_is_opened_again(content in prop::collection::vec(any::<u8>(), 1..2000)) {
            let (mut signed, mut encrypted) = (sign(&content, "node1", "one"), encrypt(&content, "node1", "one"));
            prop_assert_eq!(open(&mut signed, Security::Sign, &keys()), Ok(&content[..]));
            prop_assert_eq!(open(&mut encrypted, Security::Encrypt, &keys()), Ok(&content[..]));
        }
    }
}
