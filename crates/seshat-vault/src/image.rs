//! Sealing and opening images, which lie beside the records that show them.
//!
//! **Invariant:** an image opens for the novel that it was sealed for and no other. It names no scene, because a scene may
//! be split, joined or copied, and its images go along.

use seshat_protocol::{NovelId, Sealed};
use zeroize::Zeroizing;

use crate::context::Context;
use crate::padding::{Compress, pad, unpad};
use crate::{Entropy, OpenError, OpenVault, SealError, envelope};

/// How an image is called in a context.
const KIND: &str = "image";

impl OpenVault {
    /// Seals an image under the newest key of its novel. Its format is compressed already, so it is only padded.
    ///
    /// # Errors
    /// [`SealError::UnknownNovel`], [`SealError::LockedNovel`], [`SealError::TooLarge`] above 64 MiB,
    /// [`SealError::Entropy`].
    pub fn seal_image(
        &self,
        novel: NovelId,
        image: &[u8],
        entropy: &mut dyn Entropy,
    ) -> Result<Sealed, SealError> {
        let (epoch, key) = self.newest_novel_key(novel)?;
        let padded = pad(image, Compress::Never).map_err(|_| SealError::TooLarge)?;
        Ok(envelope::seal(key.expose(), &self.place_of_image(novel, epoch), &padded, entropy)?)
    }

    /// Opens what [`OpenVault::seal_image`] sealed for this novel, under whichever epoch.
    ///
    /// # Errors
    /// [`OpenError::Locked`] for a locked novel, [`OpenError::Tampered`] for anything else: another novel's image among it.
    pub fn open_image(
        &self,
        novel: NovelId,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let opened = self.keys_of(novel).find_map(|(epoch, key)| {
            envelope::open(key.expose(), &self.place_of_image(novel, epoch), sealed).ok()
        });
        match opened {
            Some(padded) => unpad(&padded),
            None if self.is_locked(novel) => Err(OpenError::Locked),
            None => Err(OpenError::Tampered),
        }
    }

    fn place_of_image(&self, novel: NovelId, epoch: u32) -> Vec<u8> {
        let mut context = Context::new(KIND, self.account);
        context.novel = Some(novel);
        context.epoch = Some(epoch);
        context.bytes()
    }
}
