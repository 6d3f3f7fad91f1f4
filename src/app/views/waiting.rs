//! What is being waited for, in the middle of an empty screen.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::bars;
use crate::app::state::{App, Data};
use crate::data::Progress;
use crate::figures::thousands;
use crate::text::clipped;

/// Columns of a bar of progress.
const BAR: u16 = 40;

/// Draws it, with a bar where it is known how much is done.
pub fn waiting(app: &App, frame: &mut Frame, area: Rect) {
    let text = match &app.data {
        Data::Loading(None) => "looking for the data".to_owned(),
        Data::Loading(Some(Progress::Reading(folder))) => {
            format!("reading {}", folder.display())
        }
        Data::Loading(Some(Progress::Downloading { set, file, done, total })) => {
            let mega = |bytes: &u64| *bytes as f64 / 1e6;
            format!("downloading {set}, {file}: {:.1} of {:.1} MB", mega(done), mega(total))
        }
        Data::Loading(Some(Progress::Drawing { done, total })) => {
            format!("drawing digits: {done} of {total}")
        }
        Data::Loading(Some(Progress::Decoding { done, total })) => {
            let [done, total] = [done, total].map(|&count| thousands(count as u64));
            format!("decoding pictures: {done} of {total}")
        }
        Data::Ready(_) if app.broken.is_some() => "there is no answer any more".to_owned(),
        Data::Ready(_) => format!("the network looks at its first {}", app.noun().many()),
    };
    let middle = Rect { y: area.y + area.height / 2, height: 1.min(area.height), ..area };
    let text = clipped(&text, area.width.into()).into_owned();
    frame.render_widget(Line::styled(text, app.theme.muted()).centered(), middle);
    if let Some(share) = share(&app.data) {
        let width = BAR.min(area.width.saturating_sub(4));
        let x = area.x + (area.width - width) / 2;
        let bar = Rect { x, y: middle.y + 1, width, ..middle }.intersection(area);
        bars::gauge(app, frame, bar, share);
    }
}

/// How much is done, if that is known.
fn share(data: &Data) -> Option<f32> {
    let Data::Loading(Some(progress)) = data else { return None };
    match *progress {
        Progress::Reading(_) => None,
        Progress::Downloading { done, total, .. } => Some(done as f32 / total.max(1) as f32),
        Progress::Drawing { done, total } | Progress::Decoding { done, total } => {
            Some(done as f32 / total.max(1) as f32)
        }
    }
}
