//! openQA needles: reading them and finding them in a picture
