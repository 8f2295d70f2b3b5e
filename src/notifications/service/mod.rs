//! Telling people, in the application and on their devices.

mod devices;
mod list;
mod privacy;
mod sending;

pub use self::{
    devices::{RegisterDevice, devices, forget_devices, register_device, unregister_device},
    list::{count_notifications, forget_notifications, mark_read, notifications},
    privacy::{CHAPTERS, erase},
    sending::{deliver, note, push_notification, tell},
};
