//! Each version of the loops gives the numbers of the plain one.

use proptest::prelude::*;

use super::*;

/// The sums of a white block of 32x32 are the greatest possible, and its deviation is zero.
#[test]
fn features_of_the_largest_white_blocks_do_not_overflow() {
    for kernel in [Kernel::detect(), Kernel::Plain] {
        let (mut means, mut deviations) = ([0; 9], [9; 9]);
        let (sums, squares) = ([1024 * 255; 9], [1024 * 255 * 255; 9]);
        kernel.features(&sums, &squares, 10, &mut means, &mut deviations);
        assert_eq!((means, deviations), ([255; 9], [0; 9]), "{kernel:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sums_of_squares_agree(
        rows in 1_usize..6, width in 1_usize..130, seed in any::<u8>(), extreme in any::<bool>(),
        x in 0_usize..3, skipped in 0_usize..20, bound in prop_oneof![Just(u64::MAX), 0_u64..100_000],
    ) {
        let level = |i: usize| if extreme { (i % 2 * 255) as u8 } else { (i * 7) as u8 ^ seed };
        let template: Vec<u8> = (0..rows * width).map(level).collect();
        let frame: Vec<Vec<u8>> = (0..rows).map(|y| (0..width + 5).map(|x| level(x * 3 + y + 1)).collect()).collect();
        let frame: Vec<&[u8]> = frame.iter().map(Vec::as_slice).collect();
        let width_of = width - skipped.min(width - 1);
        let skipped = width - width_of;
        let order: Vec<StripStart> = (0..rows as u32).rev().map(|row| StripStart { row, x: skipped as u32 }).collect();
        let ssd: u64 = template.chunks(width).zip(&frame).map(|(row, frame)| {
            row.iter().zip(&frame[x..]).skip(skipped).map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2)).sum::<u64>()
        }).sum();
        let strips = Strips { levels: &template, stride: width, width: width_of, order: &order };
        for kernel in [Kernel::detect(), Kernel::Plain] {
            let found = kernel.ssd_within(strips, &frame, x, bound);
            prop_assert_eq!(found, (ssd <= bound).then_some(ssd));
        }
    }

    #[test]
    fn sums_over_squares_agree(
        side in proptest::sample::select(vec![4_usize, 8, 16, 32]), step in 1_usize..4, row in 0_usize..5,
        at in 0_usize..9, x in 0_usize..9, seed in any::<u8>(), extreme in any::<bool>(),
    ) {
        let (width, height) = (side + 9, row + side * step);
        let level = |i: usize| if extreme { (i % 2 * 255) as u8 } else { (i * 7 + i / 50) as u8 ^ seed };
        let template: Vec<u8> = (0..height * width).map(level).collect();
        let frame: Vec<Vec<u8>> = (0..height).map(|y| (0..width + 9).map(|x| level(x * 3 + y + 1)).collect()).collect();
        let frame: Vec<&[u8]> = frame.iter().map(Vec::as_slice).collect();
        let ssd: u64 = (0..side).map(|y| {
            let y = row + y * step;
            let (a, b) = (&template[y * width + at..][..side], &frame[y][x + at..][..side]);
            a.iter().zip(b).map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2)).sum::<u64>()
        }).sum();
        let template = Strips { levels: &template, stride: width, width, order: &[] };
        for kernel in [Kernel::detect(), Kernel::Plain] {
            let square = Square { side, row, x: at, step };
            prop_assert_eq!(kernel.square_ssd(template, square, &frame, x), ssd);
        }
    }

    #[test]
    fn grays_agree(rgb in proptest::collection::vec(any::<[u8; 3]>(), 0..120)) {
        let rgb = rgb.concat();
        let (mut fast, mut plain) = (vec![0; rgb.len() / 3], vec![0; rgb.len() / 3]);
        Kernel::detect().gray(&rgb, &mut fast);
        Kernel::Plain.gray(&rgb, &mut plain);
        prop_assert_eq!(fast, plain);
    }

    #[test]
    fn blurs_agree(rows in proptest::collection::vec(any::<[u8; 3]>(), 3..150)) {
        let row = |i: usize| rows.iter().map(|row| row[i]).collect::<Vec<u8>>();
        let (a, b, c) = (row(0), row(1), row(2));
        let (mut fast, mut plain) = (vec![0; rows.len() - 2], vec![0; rows.len() - 2]);
        Kernel::detect().blur([&a, &b, &c], &mut fast);
        Kernel::Plain.blur([&a, &b, &c], &mut plain);
        prop_assert_eq!(fast, plain);
    }

    #[test]
    fn cells_and_features_agree_with_the_definition(
        rows in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 130), 4), narrow in any::<bool>(),
    ) {
        let level = |level| if narrow { level / 64 + 190 } else { level };
        let rows: Vec<Vec<u8>> = rows.into_iter().map(|row| row.into_iter().map(level).collect()).collect();
        let lines = [0, 1, 2, 3].map(|row: usize| rows[row].as_slice());
        let mut all = Vec::new();
        for kernel in [Kernel::detect(), Kernel::Plain] {
            let (mut sums, mut squares) = ([0; 32], [0; 32]);
            kernel.cells(lines, &mut sums, &mut squares);
            let (mut means, mut deviations) = ([0; 32], [0; 32]);
            kernel.features(&sums, &squares, 4, &mut means, &mut deviations);
            for x in 0..32 {
                let levels = rows.iter().flat_map(|row| &row[x * 4..x * 4 + 4]);
                let levels: Vec<f64> = levels.map(|level| f64::from(*level)).collect();
                let mean = levels.iter().sum::<f64>() / 16.0;
                let variance = levels.iter().map(|level| (level - mean).powi(2)).sum::<f64>() / 16.0;
                prop_assert_eq!(f64::from(means[x]), mean.floor());
                prop_assert!((f64::from(deviations[x]) - variance.sqrt()).abs() <= 0.5 + Kernel::DEVIATION_ERROR);
            }
            all.push((sums, squares, means, deviations));
        }
        prop_assert_eq!(&all[0], &all[1]);
    }

    #[test]
    fn sums_of_four_agree_with_the_definition(
        rows in proptest::collection::vec(any::<[u16; 2]>(), 17..60), step in 1_usize..17,
    ) {
        let row = |i: usize| rows.iter().map(|row| u32::from(row[i]) * 4000).collect::<Vec<u32>>();
        let (above, below) = (row(0), row(1));
        for kernel in [Kernel::detect(), Kernel::Plain] {
            let mut out = vec![0; rows.len() - step];
            kernel.add_fours(&above, &below, step, &mut out);
            for (x, sum) in out.iter().enumerate() {
                prop_assert_eq!(*sum, above[x] + above[x + step] + below[x] + below[x + step]);
            }
        }
    }

    #[test]
    fn squares_outside_agree_with_the_definition(
        levels in proptest::collection::vec(any::<u8>(), 400),
        blocks in proptest::collection::vec((any::<u8>(), 0_u8..3), 200),
        across in 1_usize..70, rows in 1_usize..4, at in 0_usize..9, extreme in any::<bool>(),
    ) {
        let rows = rows.min(160 / across);
        prop_assume!(rows > 0);
        let stride = 120;
        let levels: Vec<u8> = levels.iter().map(|level| if extreme { level / 128 * 255 } else { *level }).collect();
        let (low, high): (Vec<u8>, Vec<u8>) = blocks.iter().map(|(low, gap)| (*low, low.saturating_add(*gap))).unzip();
        let away = |row: usize, x: usize| {
            let level = levels[at + row * stride + x];
            let block = row * across + x;
            u64::from(level.saturating_sub(high[block]).max(low[block].saturating_sub(level)))
        };
        let places = (0..rows).flat_map(|row| (0..across).map(move |x| (row, x)));
        let expected: u64 = places.map(|(row, x)| away(row, x).pow(2)).sum();
        let grid = Grid { across, low: &low, high: &high, frame: &levels[at..], stride, rows };
        for kernel in [Kernel::detect(), Kernel::Plain] {
            prop_assert_eq!(kernel.squares_outside(grid), expected);
        }
    }

    #[test]
    fn scans_agree_with_the_definition(
        levels in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 150), 4),
        first in stage(), second in stage(), count in 1_usize..70,
    ) {
        let rows: Vec<&[u8]> = levels.iter().map(Vec::as_slice).collect();
        let sum = |stage: &(Vec<Block>, u32, u16), column: usize| stage.0.iter().fold(0_u16, |sum, block| {
            let level = rows[block.row as usize][block.x as usize + column];
            let away = u16::from(level.saturating_sub(block.high).max(block.low.saturating_sub(level)));
            sum.saturating_add((away * away) >> stage.1)
        });
        let mut expected = Vec::new();
        for step in (0..count).step_by(SCAN_STEP) {
            let first_left = (step..count.min(step + SCAN_STEP)).filter(|&column| sum(&first, column) <= first.2);
            let left: Vec<usize> = first_left.collect();
            for column in left.iter().copied() {
                let column_u32 = column as u32;
                if left.len() < 4 {
                    expected.push(Survivor { column: column_u32, stage: 0, sum: sum(&first, column) });
                } else if sum(&second, column) <= second.2 {
                    expected.push(Survivor { column: column_u32, stage: 1, sum: sum(&second, column) });
                }
            }
        }
        let stages = [&first, &second].map(|(blocks, shift, threshold)| Stage {
            blocks, rows: &rows, x: 0, worth: 4, shift: *shift, threshold: *threshold,
        });
        for kernel in [Kernel::detect(), Kernel::Plain] {
            let mut found = Vec::new();
            kernel.scan(&stages, count, &mut found);
            prop_assert_eq!(&found, &expected);
        }
    }
}

fn stage() -> impl Strategy<Value = (Vec<Block>, u32, u16)> {
    let block = (0_u16..4, 0_u16..40, any::<u8>(), 0_u8..3).prop_map(|(row, x, low, gap)| Block {
        row,
        x,
        low,
        high: low.saturating_add(gap),
    });
    (
        proptest::collection::vec(block, 1..20),
        0_u32..5,
        0..u16::MAX,
    )
}
