/* The one function that Rust's libraries ask for and Wine 8 lacks. For the trial only, never part of the folder. */
#include <windows.h>
#include <ntsecapi.h>

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length) {
    return RtlGenRandom(data, (ULONG)length);
}
