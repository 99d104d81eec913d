//! The sources that a board may have its power from.

use std::{sync::Arc, time::Duration};

use super::{
    BoardFault, FaultKind, command::PowerCommands, kvmd::Kvmd, labgrid::Labgrid, redfish::Redfish,
};

/// The longest switch by a service.
const LONGEST_SWITCH: Duration = Duration::from_secs(180);

/// A source of power that is connected.
#[derive(Debug)]
pub(super) enum PowerSource {
    Labgrid(Arc<Labgrid>),
    Kvmd(Arc<Kvmd>),
    Redfish(Arc<Redfish>),
    Commands(Box<PowerCommands>),
    /// The description names a service that it does not have.
    Absent,
}

impl PowerSource {
    pub(super) async fn on(&self) -> Result<(), BoardFault> {
        match self {
            Self::Labgrid(labgrid) => labgrid.power_on().await,
            Self::Kvmd(kvmd) => kvmd.power_on().await,
            Self::Redfish(redfish) => redfish.on().await,
            Self::Commands(commands) => commands.on().await,
            Self::Absent => Err(absent()),
        }
    }

    pub(super) async fn off(&self) -> Result<(), BoardFault> {
        match self {
            Self::Labgrid(labgrid) => labgrid.power_off().await,
            Self::Kvmd(kvmd) => kvmd.power_off().await,
            Self::Redfish(redfish) => redfish.off().await,
            Self::Commands(commands) => commands.off().await,
            Self::Absent => Err(absent()),
        }
    }

    /// Switches on a board that has powered itself off. A relay that still says `on` must be switched off before.
    pub(super) async fn on_again(&self) -> Result<(), BoardFault> {
        if self.is_on().await? == Some(false) {
            return self.on().await;
        }
        match self {
            Self::Labgrid(labgrid) => labgrid.power_cycle().await,
            Self::Commands(commands) => commands.off_and_on().await,
            Self::Kvmd(_) | Self::Redfish(_) | Self::Absent => {
                self.off().await?;
                self.on().await
            }
        }
    }

    pub(super) async fn reset(&self) -> Result<(), BoardFault> {
        match self {
            Self::Labgrid(labgrid) => labgrid.power_cycle().await,
            Self::Kvmd(kvmd) => kvmd.reset().await,
            Self::Redfish(redfish) => redfish.reset().await,
            Self::Commands(commands) => commands.reset().await,
            Self::Absent => Err(absent()),
        }
    }

    pub(super) async fn press_button(&self) -> Result<(), BoardFault> {
        match self {
            Self::Labgrid(_) => Err(BoardFault::new(
                FaultKind::Refused,
                "labgrid has no power buttons",
            )),
            Self::Kvmd(kvmd) => kvmd.press_button().await,
            Self::Redfish(redfish) => redfish.press_button().await,
            Self::Commands(commands) => commands.press_button().await,
            Self::Absent => Err(absent()),
        }
    }

    /// Returns whether the board is on. None if the source does not tell.
    pub(super) async fn is_on(&self) -> Result<Option<bool>, BoardFault> {
        match self {
            Self::Labgrid(labgrid) => match labgrid.is_on().await {
                Ok(is_on) => Ok(Some(is_on)),
                // Not every switch can tell.
                Err(fault) => match fault.kind {
                    FaultKind::Refused
                    | FaultKind::NoResource
                    | FaultKind::NoSignal
                    | FaultKind::NotUnderstood
                    | FaultKind::Missing => Ok(None),
                    FaultKind::Unreachable
                    | FaultKind::Denied
                    | FaultKind::Held
                    | FaultKind::TimedOut => Err(fault),
                },
            },
            Self::Kvmd(kvmd) => kvmd.is_on().await,
            Self::Redfish(redfish) => redfish.is_on().await,
            Self::Commands(commands) => commands.is_on().await,
            Self::Absent => Ok(None),
        }
    }

    /// Returns the time between two questions whether the board is on. A question to labgrid starts a program of half a
    /// second.
    pub(super) fn ask_every(&self) -> Duration {
        match self {
            Self::Labgrid(_) => Duration::from_secs(10),
            Self::Kvmd(_) | Self::Redfish(_) | Self::Commands(_) | Self::Absent => {
                Duration::from_secs(2)
            }
        }
    }

    /// Returns the longest time of a switch, by the limits that the source keeps itself.
    pub(super) fn longest_switch(&self) -> Duration {
        match self {
            Self::Commands(commands) => commands.longest_switch(),
            Self::Labgrid(_) | Self::Kvmd(_) | Self::Redfish(_) | Self::Absent => LONGEST_SWITCH,
        }
    }
}

fn absent() -> BoardFault {
    BoardFault::new(
        FaultKind::Refused,
        "the power comes from a service that the board does not have",
    )
}
