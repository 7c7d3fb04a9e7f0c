//! The order of a menu as a flat outline: ids with their depth, children after their parent. Pure: no database.

use freehold_base::{Code, Error, Result};

/// Levels of a menu.
pub const LEVELS: usize = 3;

/// Where a line goes by one press.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Before the sibling above it.
    Up,
    /// After the sibling below it.
    Down,
    /// Below the sibling above it, as its last child.
    In,
    /// Out of its parent, after it.
    Out,
}

/// A menu's lines in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline(Vec<(i64, usize)>);

impl Outline {
    /// From stored lines `(id, parent)` in their order. A line whose parent is gone stands at the top.
    pub fn of(lines: &[(i64, i64)]) -> Self {
        fn grow(lines: &[(i64, i64)], parent: i64, depth: usize, out: &mut Vec<(i64, usize)>) {
            for (id, _) in lines.iter().filter(|(_, p)| *p == parent) {
                out.push((*id, depth));
                if depth + 1 < LEVELS {
                    grow(lines, *id, depth + 1, out);
                }
            }
        }
        let mut out = Vec::with_capacity(lines.len());
        grow(lines, 0, 0, &mut out);
        for (id, _) in lines {
            if !out.iter().any(|(known, _)| known == id) {
                out.push((*id, 0));
            }
        }
        Self(out)
    }

    /// From an order that somebody made: the same ids, each at most one deeper than the line before it.
    ///
    /// # Errors
    /// `Invalid("order")`.
    pub fn rearranged(&self, wanted: &[(i64, usize)]) -> Result<Self> {
        let wrong = |why: &str| Err(Error::invalid("order", Code::Malformed, why.to_owned()));
        let ids = |list: &[(i64, usize)]| {
            let mut ids: Vec<i64> = list.iter().map(|(id, _)| *id).collect();
            ids.sort_unstable();
            ids
        };
        if ids(wanted) != ids(&self.0) {
            return wrong("all lines of the menu, each once; somebody changed it meanwhile");
        }
        let mut deepest = 0;
        for (_, depth) in wanted {
            if *depth > deepest || *depth >= LEVELS {
                return wrong("lines at most one deeper than the line before, at most three levels");
            }
            deepest = depth + 1;
        }
        Ok(Self(wanted.to_vec()))
    }

    /// Ids with their depth, in order.
    pub fn lines(&self) -> &[(i64, usize)] {
        &self.0
    }

    /// The parent of the line at a place; 0 for none.
    pub fn parent_at(&self, place: usize) -> i64 {
        let Some((_, depth)) = self.0.get(place) else { return 0 };
        let above = self.0.iter().take(place).rev();
        above.filter(|(_, d)| d < depth).map(|(id, _)| *id).next().unwrap_or(0)
    }

    fn place_of(&self, id: i64) -> Result<(usize, usize)> {
        let found = self.0.iter().enumerate().find(|(_, (known, _))| *known == id);
        found.map(|(place, (_, depth))| (place, *depth)).ok_or_else(|| Error::not_found("menu item"))
    }

    /// Just after the last line below the one at `place`.
    fn end_of(&self, place: usize, depth: usize) -> usize {
        let below = self.0.iter().skip(place + 1).take_while(|(_, d)| *d > depth).count();
        place + 1 + below
    }

    /// The sibling before the line at `place`.
    fn sibling_before(&self, place: usize, depth: usize) -> Option<usize> {
        let above = self.0.iter().enumerate().take(place).rev();
        above.take_while(|(_, (_, d))| *d >= depth).find(|(_, (_, d))| *d == depth).map(|(at, _)| at)
    }

    /// Moves a line with everything below it; where it cannot go, nothing happens.
    ///
    /// # Errors
    /// `NotFound("menu item")`; `TooDeep` for a fourth level.
    pub fn step(&mut self, id: i64, step: Step) -> Result<()> {
        let (place, depth) = self.place_of(id)?;
        let end = self.end_of(place, depth);
        match step {
            Step::Up => {
                if let Some(before) = self.sibling_before(place, depth) {
                    self.turn(before, place, end);
                }
            }
            Step::Down => {
                if self.0.get(end).is_some_and(|(_, d)| *d == depth) {
                    let after = self.end_of(end, depth);
                    self.turn(place, end, after);
                }
            }
            Step::In => {
                if self.sibling_before(place, depth).is_some() {
                    self.nest(place, end)?;
                }
            }
            Step::Out if depth > 0 => {
                let parent_end = self.end_of_parent(place, depth);
                for (_, d) in self.0.iter_mut().take(end).skip(place) {
                    *d -= 1;
                }
                self.turn(place, end, parent_end);
            }
            Step::Out => {}
        }
        Ok(())
    }

    fn end_of_parent(&self, place: usize, depth: usize) -> usize {
        let rest = self.0.iter().skip(place).take_while(|(_, d)| *d >= depth).count();
        place + rest
    }

    fn nest(&mut self, place: usize, end: usize) -> Result<()> {
        let block = self.0.iter_mut().take(end).skip(place);
        let deepest = block.map(|(_, d)| *d).max().unwrap_or(0);
        if deepest + 1 >= LEVELS {
            return Err(Error::invalid("order", Code::TooDeep, LEVELS.to_string()));
        }
        for (_, d) in self.0.iter_mut().take(end).skip(place) {
            *d += 1;
        }
        Ok(())
    }

    /// Swaps two neighbouring blocks `[a, b)` and `[b, c)`.
    fn turn(&mut self, a: usize, b: usize, c: usize) {
        if let Some(part) = self.0.get_mut(a..c) {
            part.rotate_left(b - a);
        }
    }

    /// Takes a line out; what stood below it moves up one level.
    ///
    /// # Errors
    /// `NotFound("menu item")`.
    pub fn remove(&mut self, id: i64) -> Result<()> {
        let (place, depth) = self.place_of(id)?;
        let end = self.end_of(place, depth);
        for (_, d) in self.0.iter_mut().take(end).skip(place + 1) {
            *d -= 1;
        }
        self.0.remove(place);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(text: &str) -> Outline {
        Outline(text.split(' ').map(|w| (w.trim_start_matches('-').parse().unwrap(), w.matches('-').count())).collect())
    }

    fn after(text: &str, id: i64, step: Step) -> Outline {
        let mut o = outline(text);
        o.step(id, step).unwrap();
        o
    }

    #[test]
    fn a_line_moves_with_everything_below_it() {
        let menu = "1 -2 --3 4 -5 6";
        assert_eq!(after(menu, 4, Step::Up), outline("4 -5 1 -2 --3 6"));
        assert_eq!(after(menu, 1, Step::Down), outline("4 -5 1 -2 --3 6"));
        assert_eq!(after(menu, 4, Step::In), outline("1 -2 --3 -4 --5 6"));
        assert_eq!(after(menu, 2, Step::Out), outline("1 2 -3 4 -5 6"));
        assert_eq!(after("1 -2 -3 4", 2, Step::Out), outline("1 -3 2 4"));
        for (id, step) in [(1, Step::Up), (6, Step::Down), (1, Step::In), (1, Step::Out), (2, Step::Up)] {
            assert_eq!(after(menu, id, step), outline(menu), "{id} {step:?} goes nowhere");
        }
        assert!(outline("1 2 -3 --4").step(2, Step::In).is_err(), "a fourth level");
        assert!(outline(menu).step(9, Step::Up).is_err());
    }

    #[test]
    fn taking_a_line_out_keeps_what_stood_below_it() {
        let mut menu = outline("1 -2 --3 4");
        menu.remove(1).unwrap();
        assert_eq!(menu, outline("2 -3 4"));
    }

    #[test]
    fn an_order_from_outside_is_checked() {
        let menu = outline("1 -2 3");
        assert_eq!(menu.rearranged(&[(3, 0), (1, 1), (2, 2)]).unwrap(), outline("3 -1 --2"));
        for wrong in
            [&[(1, 0), (2, 0)][..], &[(1, 1), (2, 0), (3, 0)], &[(1, 0), (2, 2), (3, 0)], &[(1, 0), (1, 0), (3, 0)]]
        {
            assert!(menu.rearranged(wrong).is_err(), "{wrong:?}");
        }
        assert_eq!(Outline::of(&[(1, 0), (2, 1), (3, 99)]), outline("1 -2 3"));
        assert_eq!((menu.parent_at(1), menu.parent_at(2)), (1, 0));
    }
}
