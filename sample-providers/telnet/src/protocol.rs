//! The telnet protocol of a server: what is data in what a client sends, and what it is answered.
//!
//! Commands are those of RFC 854, options are negotiated by RFC 855 and answered as RFC 1143 says, so
//! that two ends never answer each other without end. Nothing is asked for: a client that negotiates
//! nothing gets text and no more.

const SE: u8 = 240;
const AYT: u8 = 246;
const SB: u8 = 250;
const WILL: u8 = 251;
const WONT: u8 = 252;
const DO: u8 = 253;
const DONT: u8 = 254;
const IAC: u8 = 255;

/// Suppress go-ahead, RFC 858: nobody waits for a go-ahead here, in neither direction.
const SGA: u8 = 3;
/// The terminal's type, RFC 1091. What it is makes no difference.
const TTYPE: u8 = 24;
/// The window's size, RFC 1073. What it is makes no difference.
const NAWS: u8 = 31;

/// What we may do. Echo is not among it: the client shows what is typed, line by line.
const OURS: [u8; 1] = [SGA];
/// What the client may do.
const THEIRS: [u8; 3] = [SGA, TTYPE, NAWS];

/// The answer to "are you there".
const YES: &[u8] = b"\r\n[yes]\r\n";

/// Where in a command the bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Data,
    /// After IAC.
    Command,
    /// After IAC and a verb: the option comes.
    Option(u8),
    /// In a subnegotiation, which is thrown away as it comes.
    Subnegotiation,
    /// After IAC in a subnegotiation.
    SubnegotiationCommand,
}

/// One end of a connection.
#[derive(Debug)]
pub(crate) struct Protocol {
    state: State,
    /// The options that we do.
    ours: [bool; 256],
    /// The options that the client does.
    theirs: [bool; 256],
}

impl Protocol {
    pub(crate) fn new() -> Self {
        Self { state: State::Data, ours: [false; 256], theirs: [false; 256] }
    }

    /// Splits what came into `data` and what has to be answered. However it is cut into pieces, the
    /// result is the same.
    pub(crate) fn receive(&mut self, bytes: &[u8], data: &mut Vec<u8>, answer: &mut Vec<u8>) {
        for &byte in bytes {
            self.state = match (self.state, byte) {
                (State::Data, IAC) => State::Command,
                (State::Data, _) => {
                    data.push(byte);
                    State::Data
                }
                (State::Command, IAC) => {
                    data.push(IAC);
                    State::Data
                }
                (State::Command, WILL | WONT | DO | DONT) => State::Option(byte),
                (State::Command, SB) => State::Subnegotiation,
                (State::Command, AYT) => {
                    answer.extend_from_slice(YES);
                    State::Data
                }
                // Of the others none means anything to a line that the client edits itself.
                (State::Command, _) | (State::SubnegotiationCommand, SE) => State::Data,
                (State::Option(verb), option) => {
                    self.negotiate(verb, option, answer);
                    State::Data
                }
                (State::Subnegotiation, IAC) => State::SubnegotiationCommand,
                (State::Subnegotiation | State::SubnegotiationCommand, _) => State::Subnegotiation,
            };
        }
    }

    fn negotiate(&mut self, verb: u8, option: u8, answer: &mut Vec<u8>) {
        let (does, wanted, yes, no, allowed) = match verb {
            WILL | WONT => (&mut self.theirs, verb == WILL, DO, DONT, &THEIRS[..]),
            _ => (&mut self.ours, verb == DO, WILL, WONT, &OURS[..]),
        };
        let does = &mut does[usize::from(option)];
        // What is so already is not answered: the other end would answer in its turn.
        if *does == wanted {
            return;
        }
        let reply = if !wanted {
            *does = false;
            no
        } else if allowed.contains(&option) {
            *does = true;
            yes
        } else {
            no
        };
        answer.extend_from_slice(&[IAC, reply, option]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received(bytes: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let (mut data, mut answer) = (Vec::new(), Vec::new());
        Protocol::new().receive(bytes, &mut data, &mut answer);
        (data, answer)
    }

    #[test]
    fn what_is_no_command_is_data() {
        assert_eq!(received(b"look\r\n"), (b"look\r\n".to_vec(), Vec::new()));
        assert_eq!(received(b"a\xff\xffb").0, b"a\xffb");
    }

    #[test]
    fn an_option_is_answered_once_and_one_that_nobody_knows_is_refused() {
        for (question, answer) in [
            ([IAC, DO, SGA], vec![IAC, WILL, SGA]),
            // The client shows what is typed.
            ([IAC, DO, 1], vec![IAC, WONT, 1]),
            ([IAC, DO, 200], vec![IAC, WONT, 200]),
            ([IAC, WILL, NAWS], vec![IAC, DO, NAWS]),
            ([IAC, WILL, TTYPE], vec![IAC, DO, TTYPE]),
            ([IAC, WILL, 34], vec![IAC, DONT, 34]),
            // It is so already.
            ([IAC, DONT, SGA], vec![]),
            ([IAC, WONT, NAWS], vec![]),
        ] {
            assert_eq!(received(&question).1, answer, "{question:?}");
        }
        let twice = [IAC, DO, SGA, IAC, DO, SGA, IAC, DONT, SGA, IAC, DONT, SGA];
        assert_eq!(received(&twice).1, [IAC, WILL, SGA, IAC, WONT, SGA]);
    }

    #[test]
    fn two_ends_come_to_an_end() {
        let (mut one, mut other) = (Protocol::new(), Protocol::new());
        let mut on_the_way: Vec<u8> =
            (0..=255).flat_map(|option| [IAC, DO, option, IAC, WILL, option]).collect();
        for turn in 0.. {
            let mut answer = Vec::new();
            one.receive(&on_the_way, &mut Vec::new(), &mut answer);
            std::mem::swap(&mut one, &mut other);
            on_the_way = answer;
            if on_the_way.is_empty() {
                break;
            }
            assert!(turn < 4, "they answer each other without end");
        }
    }

    #[test]
    fn a_command_of_two_bytes_takes_no_third() {
        // Interrupt, break, abort output, data mark, no operation, end of record, go ahead.
        for command in [244, 243, 245, 242, 241, 239, 249] {
            assert_eq!(received(&[IAC, command, b'x']), (b"x".to_vec(), Vec::new()), "{command}");
        }
        assert_eq!(received(&[IAC, AYT, b'x']), (b"x".to_vec(), YES.to_vec()));
    }

    #[test]
    fn a_subnegotiation_is_no_data_whatever_is_in_it() {
        let size = [IAC, SB, NAWS, 0, IAC, IAC, 0, SE, IAC, SE, b'x'];
        assert_eq!(received(&size).0, b"x");
        let never_ended = [&[IAC, SB, TTYPE][..], &vec![0; 100_000]].concat();
        assert_eq!(received(&never_ended), Default::default());
    }

    #[test]
    fn however_it_is_cut_the_result_is_the_same() {
        let mut random = fastrand::Rng::with_seed(7);
        for round in 0..2000 {
            // Bytes of the protocol are as frequent as all others together.
            let bytes: Vec<u8> = (0..random.usize(0..60))
                .map(|_| if random.bool() { random.u8(SE..) } else { random.u8(..) })
                .collect();
            let whole = received(&bytes);
            let (mut data, mut answer) = (Vec::new(), Vec::new());
            let mut protocol = Protocol::new();
            let mut rest = &bytes[..];
            while !rest.is_empty() {
                let (piece, left) = rest.split_at(random.usize(1..=rest.len()));
                protocol.receive(piece, &mut data, &mut answer);
                rest = left;
            }
            assert_eq!((data, answer), whole, "round {round}: {bytes:?}");
        }
    }
}
