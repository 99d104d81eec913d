//! Changes inputs at random: always the same way for the same seed.

/// Makes inputs.
pub(crate) struct Mutator(u64);

/// Numbers at which readers turn.
const NUMBERS: [&str; 12] = [
    "0",
    "1",
    "-1",
    "7",
    "255",
    "256",
    "65535",
    "65536",
    "2147483648",
    "4294967296",
    "1e999",
    "99999999999999999999",
];

impl Mutator {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// SplitMix64: every seed, also 0, gives a good sequence.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below this; 0 where there is none.
    fn below(&mut self, end: usize) -> usize {
        match end {
            0 => 0,
            end => (self.next() % end as u64) as usize,
        }
    }

    /// One of `kept`, changed some times.
    pub(crate) fn mutate(&mut self, kept: &[Vec<u8>], words: &[&str]) -> Vec<u8> {
        // The newest, which came farthest, more often than the others.
        let first = match self.below(3) {
            0 => kept.len().saturating_sub(20),
            _ => 0,
        };
        let one = first + self.below(kept.len() - first);
        let mut input = kept[one].clone();
        for _ in 0..=self.below(6) {
            self.change(&mut input, kept, words);
        }
        input
    }

    fn change(&mut self, input: &mut Vec<u8>, kept: &[Vec<u8>], words: &[&str]) {
        let at = self.below(input.len() + 1);
        let length = match self.below(4) {
            0 => self.below(input.len() + 1 - at),
            _ => self.below(input.len() + 1 - at).min(8),
        };
        let range = at..at + length;
        match self.below(10) {
            0 => {
                input.drain(range);
            }
            1 => {
                let part = input[range].to_vec();
                input.splice(at..at, part);
            }
            2 => {
                // Many times over: what is nested or doubled grows.
                let part = input[range].repeat(1 + self.below(64));
                input.splice(at..at, part);
            }
            3 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << self.below(8);
                }
            }
            4 => {
                let byte = self.next() as u8;
                input.insert(at, byte);
            }
            5 | 6 => {
                let word = words[self.below(words.len())].as_bytes().to_vec();
                input.splice(at..at, word);
            }
            7 => {
                let other = &kept[self.below(kept.len())];
                let from = self.below(other.len() + 1);
                let to = from + self.below(other.len() + 1 - from);
                input.splice(range, other[from..to].to_vec());
            }
            8 => {
                // A number in the place of the next one.
                let begin = (at..input.len()).find(|&index| input[index].is_ascii_digit());
                if let Some(begin) = begin {
                    let digits = input[begin..]
                        .iter()
                        .take_while(|byte| byte.is_ascii_digit());
                    let end = begin + digits.count();
                    let number = NUMBERS[self.below(NUMBERS.len())].as_bytes().to_vec();
                    input.splice(begin..end, number);
                }
            }
            _ => input.truncate(at),
        }
    }
}
