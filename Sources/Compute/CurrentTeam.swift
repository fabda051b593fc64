import Foundation

/// Which team's section the calling thread is working on, so that a nested one is noticed and does not deadlock.
enum CurrentTeam {
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        return key
    }()

    static var address: UnsafeMutableRawPointer? {
        get { pthread_getspecific(key) }
        set { pthread_setspecific(key, newValue) }
    }
}
