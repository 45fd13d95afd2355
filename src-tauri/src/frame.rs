//! Where the window was, kept in a file beside the vault, so that it opens there again.
//!
//! **Invariants:** the file holds four numbers and a word, and nothing of a novel. A window opens where it can be
//! reached, whatever became of the screens; a file that cannot be read is as good as none.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use tauri::{AppHandle, LogicalPosition, LogicalSize, Window, WindowEvent};

const FILE: &str = "window.json";
/// The smallest window in which one can write.
pub(crate) const LEAST: LogicalSize<f64> = LogicalSize { width: 640.0, height: 480.0 };
/// So much of the upper edge must lie on a screen for the window to be moved by hand.
const GRIP: LogicalSize<f64> = LogicalSize { width: 120.0, height: 32.0 };

/// A window on the screens, in units that do not depend on how fine those are.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Frame {
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// Where its upper left corner is; nothing leaves that to the system.
    pub(crate) at: Option<(f64, f64)>,
    pub(crate) maximized: bool,
}

/// A screen's place and size.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Screen {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

impl Default for Frame {
    fn default() -> Self {
        Self { width: 1400.0, height: 840.0, at: None, maximized: false }
    }
}

impl Frame {
    /// As it was left, where that still fits the screens.
    pub(crate) fn load(home: &Path, app: &AppHandle) -> Self {
        let kept = fs::read(home.join(FILE)).ok();
        let kept: Option<Self> = kept.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        kept.unwrap_or_default().on(&screens(app))
    }

    fn on(self, screens: &[Screen]) -> Self {
        // Where no screen is known, none is too small.
        let widest = |size: fn(&Screen) -> f64| {
            screens.iter().map(size).reduce(f64::max).unwrap_or(f64::INFINITY)
        };
        let fit = |length: f64, least: f64, most: f64| {
            if length.is_finite() { length.clamp(least, most.max(least)) } else { least }
        };
        let at = self.at.filter(|(left, top)| left.is_finite() && top.is_finite());
        let at = at.filter(|at| screens.iter().any(|screen| screen.holds_grip(*at, self.width)));
        Self {
            width: fit(self.width, LEAST.width, widest(|it| it.width)),
            height: fit(self.height, LEAST.height, widest(|it| it.height)),
            at,
            maximized: self.maximized,
        }
    }
}

impl Screen {
    /// Whether enough of the upper edge of a window at this place can be reached.
    fn holds_grip(&self, (left, top): (f64, f64), width: f64) -> bool {
        let seen = (left + width).min(self.left + self.width) - left.max(self.left);
        // The upper edge itself: a window is not moved by what is below it.
        seen >= GRIP.width && top >= self.top && top + GRIP.height <= self.top + self.height
    }
}

fn screens(app: &AppHandle) -> Vec<Screen> {
    let monitors = app.available_monitors().unwrap_or_default();
    let screen = |monitor: &tauri::Monitor| {
        let factor = monitor.scale_factor();
        let place: LogicalPosition<f64> = monitor.position().to_logical(factor);
        let size: LogicalSize<f64> = monitor.size().to_logical(factor);
        Screen { left: place.x, top: place.y, width: size.width, height: size.height }
    };
    monitors.iter().map(screen).collect()
}

/// Follows a window and writes down where it was.
pub(crate) struct Keeper {
    file: PathBuf,
    last: Mutex<Kept>,
}

#[derive(Clone, Copy)]
struct Kept {
    now: Frame,
    written: Option<Frame>,
}

impl Keeper {
    /// For the window of the vault in `home`, which begins as `frame`.
    pub(crate) fn new(home: &Path, frame: Frame) -> Self {
        Self { file: home.join(FILE), last: Mutex::new(Kept { now: frame, written: Some(frame) }) }
    }

    /// Notes what an event says; writes when the author turns away from the window or closes it.
    pub(crate) fn hear(&self, window: &Window, event: &WindowEvent) {
        match event {
            WindowEvent::Resized(_) | WindowEvent::Moved(_) => self.note(window),
            WindowEvent::CloseRequested { .. } | WindowEvent::Focused(false) => {
                self.note(window);
                self.write();
            }
            _ => {}
        }
    }

    /// The size of a window that fills the screen is not the author's choice: it keeps the one before.
    fn note(&self, window: &Window) {
        let is = |asked: tauri::Result<bool>| asked.unwrap_or(false);
        if is(window.is_minimized()) || is(window.is_fullscreen()) {
            return;
        }
        let maximized = is(window.is_maximized());
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.now.maximized = maximized;
        if maximized {
            return;
        }
        let factor = window.scale_factor().unwrap_or(1.0);
        if let Ok(size) = window.inner_size() {
            let size: LogicalSize<f64> = size.to_logical(factor);
            (last.now.width, last.now.height) = (size.width, size.height);
        }
        if let Ok(place) = window.outer_position() {
            let place: LogicalPosition<f64> = place.to_logical(factor);
            last.now.at = Some((place.x, place.y));
        }
    }

    /// Writes where the window was last seen.
    pub(crate) fn write(&self) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        // Before there is a vault there is nothing to lie beside.
        let home_is_there = self.file.parent().is_some_and(Path::is_dir);
        if last.written == Some(last.now) || !home_is_there {
            return;
        }
        let bytes = serde_json::to_vec(&last.now).expect("a frame is plain data");
        // Where the disk refuses, the window opens where it did before.
        if fs::write(&self.file, bytes).is_ok() {
            last.written = Some(last.now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DESK: Screen = Screen { left: 0.0, top: 0.0, width: 1920.0, height: 1080.0 };
    const SIDE: Screen = Screen { left: 1920.0, top: -200.0, width: 1280.0, height: 1024.0 };

    fn frame(width: f64, height: f64, at: (f64, f64)) -> Frame {
        Frame { width, height, at: Some(at), maximized: false }
    }

    #[test]
    fn a_window_that_still_fits_is_left_where_it_was() {
        for kept in [frame(1400.0, 840.0, (100.0, 60.0)), frame(900.0, 700.0, (2100.0, -150.0))] {
            assert_eq!(kept.on(&[DESK, SIDE]), kept);
        }
        let half_outside = frame(900.0, 700.0, (1700.0, 500.0));
        assert_eq!(half_outside.on(&[DESK]), half_outside, "the author put it there");
    }

    #[test]
    fn a_window_on_a_screen_that_is_gone_comes_back() {
        for at in
            [(2100.0, -150.0), (-1300.0, 10.0), (100.0, 1070.0), (100.0, -40.0), (1850.0, 10.0)]
        {
            let kept = frame(900.0, 700.0, at).on(&[DESK]);
            assert_eq!((kept.at, kept.width), (None, 900.0), "{at:?}");
        }
    }

    #[test]
    fn a_window_is_never_larger_than_a_screen_nor_too_small_to_write_in() {
        let kept = frame(4000.0, 3000.0, (0.0, 0.0)).on(&[DESK]);
        assert_eq!((kept.width, kept.height), (1920.0, 1080.0));
        let kept = frame(1.0, -5.0, (0.0, 0.0)).on(&[DESK]);
        assert_eq!((kept.width, kept.height), (LEAST.width, LEAST.height));
        let kept = frame(f64::NAN, f64::INFINITY, (f64::NAN, 0.0)).on(&[DESK]);
        assert_eq!((kept.width, kept.height, kept.at), (LEAST.width, LEAST.height, None));
    }

    #[test]
    fn where_no_screen_is_known_the_window_opens_all_the_same() {
        assert_eq!(Frame::default().on(&[]), Frame::default());
        assert_eq!(frame(900.0, 700.0, (5.0, 5.0)).on(&[]).at, None);
    }
}
